/** One notification when a mission begins to wait for the user. What waits stays in status bar, tree and log. */

import type { PaletteName } from "./palette";
import type { MissionStatus } from "./protocol";
import { questions, waits, wish } from "./words";

export interface Nudge {
  mission: string;
  text: string;
  button: string;
  command: PaletteName;
}

/** Remembers what each mission waited for, and says what is new. The first look is not news: somebody just came. */
export class Nudges {
  private known: Map<string, Waiting> | undefined;

  next(missions: readonly MissionStatus[]): Nudge[] {
    const now = new Map(missions.map((status) => [status.mission, waiting(status)]));
    const before = this.known;
    this.known = new Map([...(before ?? []), ...now]); // a server that starts again tells old things anew
    if (!before) {
      return [];
    }
    return missions.filter((status) => news(before.get(status.mission), waiting(status))).map(nudge);
  }
}

interface Waiting {
  /** For what kind of thing; empty where it waits for nothing. */
  what: string;
  count: number;
}

function waiting(status: MissionStatus): Waiting {
  const count = questions(status);
  const what = !waits(status) ? "" : status.word === "proposed" ? "proposal" : count > 0 ? "answers" : status.word;
  return { what, count };
}

/** Another kind of thing, or more of the same; that fewer are left after an answer is no news to who gave it. */
function news(before: Waiting | undefined, now: Waiting): boolean {
  return now.what !== "" && (before?.what !== now.what || now.count > before.count);
}

function nudge(status: MissionStatus): Nudge {
  const text = `${status.mission} ${wish(status)}.`;
  if (status.word === "proposed") {
    return { mission: status.mission, text, button: "Approve…", command: "approve" };
  }
  if (status.attention > 0) {
    return { mission: status.mission, text, button: "Answer…", command: "answer" };
  }
  const why = status.message ? `${text.slice(0, -1)}: ${status.message}` : text;
  return { mission: status.mission, text: why, button: "Mission Control", command: "openControl" };
}
