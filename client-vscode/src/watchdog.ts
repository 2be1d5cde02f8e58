/** Notices a server that is there and does not answer: it restarts it once, and then leaves it to the user. */

export const EVERY_MS = 10_000;
export const MISSES = 3;

export interface Patient {
  /** Asks whether it is there; the promise may never settle. */
  ping(): Promise<unknown>;
  restart(reason: string): void;
  giveUp(reason: string): void;
}

export class Watchdog {
  private misses = 0;
  private restarted = false;
  private timer: NodeJS.Timeout | undefined;
  private round = 0;

  constructor(private readonly patient: Patient) {}

  /** Begin, or begin anew after a restart. */
  watch(): void {
    this.stop();
    this.misses = 0;
    this.next();
  }

  stop(): void {
    clearTimeout(this.timer);
    this.round += 1;
  }

  private next(): void {
    this.timer = setTimeout(() => this.look(), EVERY_MS);
  }

  private look(): void {
    if (this.misses === MISSES) {
      this.stop();
      this.hangs();
      return;
    }
    this.next();
    this.misses += 1;
    const round = this.round;
    this.patient.ping().then(
      () => {
        if (round === this.round) {
          this.misses = 0;
          this.restarted = false;
        }
      },
      () => undefined, // a refused ping is a miss like any other
    );
  }

  private hangs(): void {
    const reason = `the server did not answer for ${(EVERY_MS * MISSES) / 1000} s`;
    if (this.restarted) {
      this.patient.giveUp(`${reason}, again`);
    } else {
      this.restarted = true;
      this.patient.restart(reason);
    }
  }
}
