/** The missions of this window as last told: one status each, and a whole picture of those that somebody looks at. */

import type { ChangedParams, MissionStatus, MissionView, Snapshot, SnapshotParams, StatusParams } from "./protocol";

/** Changes come in bursts; a picture a moment later shows them all. */
export const CALM_MS = 120;
/** A server that just started tells its missions at once; a command waits for that, and not for ever. */
export const PATIENCE_MS = 2000;

export type Pull = (params: SnapshotParams) => Promise<Snapshot>;

export class Missions {
  statuses: readonly MissionStatus[] = [];
  quiescent = false;
  private heard = false;
  private readonly views = new Map<string, MissionView>();
  private readonly stale = new Set<string>();
  private readonly listeners = new Set<() => void>();
  private watchers = 0;
  private timer: NodeJS.Timeout | undefined;
  private pulling: Promise<void> | undefined;

  constructor(private readonly pull: Pull, private readonly complain: (error: unknown) => void) {}

  /** The last picture of a mission, which may be older than its status. */
  view(mission: string): MissionView | undefined {
    return this.views.get(mission);
  }

  status(mission: string): MissionStatus | undefined {
    return this.statuses.find((status) => status.mission === mission);
  }

  see(told: StatusParams): void {
    const known = new Set(this.statuses.map((status) => status.mission));
    this.heard = true;
    this.statuses = told.missions;
    this.quiescent = told.quiescent;
    for (const { mission } of told.missions) {
      if (!known.has(mission)) {
        this.stale.add(mission);
      }
    }
    const left = new Set(told.missions.map((status) => status.mission));
    for (const mission of [...this.views.keys()].filter((each) => !left.has(each))) {
      this.views.delete(mission);
      this.stale.delete(mission);
    }
    this.tell();
    this.soon();
  }

  invalidate(changed: ChangedParams): void {
    this.stale.add(changed.mission);
    this.soon();
  }

  /** The server started anew: what was known is shown until it tells, and goes where it tells of no mission. */
  async begin(): Promise<void> {
    this.heard = false;
    for (const { mission } of this.statuses) {
      this.stale.add(mission);
    }
    await this.told();
    if (!this.heard) {
      this.clear();
    }
  }

  /** The server went away: what is shown would be a guess. */
  clear(): void {
    this.heard = false;
    this.statuses = [];
    this.quiescent = false;
    this.views.clear();
    this.stale.clear();
    this.tell();
  }

  /** Called whenever something that is shown may have changed; returns how to stop that. */
  listen(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** The first status has come, or none came for a moment: a command can choose then. */
  async told(): Promise<void> {
    await this.wait(() => this.heard || undefined, PATIENCE_MS);
  }

  /** The first mission of which something holds, once it does; undefined where it did not in time. */
  until(holds: (status: MissionStatus) => boolean, patience: number): Promise<MissionStatus | undefined> {
    return this.wait(() => this.statuses.find(holds), patience);
  }

  private wait<T>(see: () => T | undefined, patience: number): Promise<T | undefined> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (see() !== undefined) {
          done();
        }
      };
      const unlisten = this.listen(look);
      const timer = setTimeout(() => done(), patience);
      const done = (): void => {
        clearTimeout(timer);
        unlisten();
        resolve(see());
      };
      look();
    });
  }

  /** While somebody looks, pictures are kept new; returns how to stop that. */
  watch(): () => void {
    this.watchers += 1;
    this.soon();
    let watching = true;
    return () => {
      this.watchers -= watching ? 1 : 0;
      watching = false;
    };
  }

  /** A picture of one mission as of now. */
  async fresh(mission: string): Promise<MissionView> {
    await this.take(mission);
    const view = this.views.get(mission);
    if (!view) {
      throw new Error(`There is no mission ${mission} any more.`);
    }
    return view;
  }

  private soon(): void {
    if (this.watchers > 0 && this.stale.size > 0 && !this.timer) {
      this.timer = setTimeout(() => {
        this.timer = undefined;
        this.pulling ??= this.refresh().finally(() => {
          this.pulling = undefined;
          this.soon();
        });
      }, CALM_MS);
    }
  }

  private async refresh(): Promise<void> {
    for (const mission of [...this.stale]) {
      try {
        await this.take(mission);
      } catch (error) {
        this.stale.delete(mission); // the next change asks again
        this.complain(error);
      }
    }
  }

  private async take(mission: string): Promise<void> {
    this.stale.delete(mission);
    const known = this.views.get(mission);
    const told = await this.pull({ mission, ifRevision: known?.status.revision });
    const [view] = told.missions;
    if (!told.unchanged && view) {
      this.views.set(mission, view);
      this.tell();
    }
  }

  private tell(): void {
    for (const listener of [...this.listeners]) {
      listener();
    }
  }
}
