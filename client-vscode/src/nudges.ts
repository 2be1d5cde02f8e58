/** One notification when a mission begins to wait for the user. What waits stays in status bar, tree and log. */

import type { PaletteName } from "./palette";
import type { MissionStatus } from "./protocol";
import { waits, wish } from "./words";

export interface Nudge {
  mission: string;
  text: string;
  button: string;
  command: PaletteName;
}

/** Remembers what each mission waited for, and says what is new. The first look is not news: somebody just came. */
export class Nudges {
  private known: Map<string, string> | undefined;

  next(missions: readonly MissionStatus[]): Nudge[] {
    const now = new Map(missions.map((status) => [status.mission, waits(status) ? wish(status) : ""]));
    const before = this.known;
    this.known = new Map([...(before ?? []), ...now]); // a server that starts again tells old things anew
    if (!before) {
      return [];
    }
    return missions.filter((status) => waits(status) && before.get(status.mission) !== now.get(status.mission)).map(nudge);
  }
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
