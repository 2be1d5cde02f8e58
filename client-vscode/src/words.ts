/** How missions are put into words and icons: one place, so that status bar, tree and Mission Control agree. */

import type { AssertionView, ItemView, MissionStatus, MissionView } from "./protocol";

export function money(dollars: number, limit: number | null = null): string {
  return limit === null ? `$${dollars.toFixed(2)}` : `$${dollars.toFixed(2)} of $${trimmed(limit)}`;
}

/** A limit is mostly a round number: `$20`, `$7.50`. */
function trimmed(dollars: number): string {
  return Number.isInteger(dollars) ? String(dollars) : dollars.toFixed(2);
}

/** A sum of money as people type it. */
export function amount(text: string): number | undefined {
  const found = /^\s*\$?\s*(\d+(?:[.,]\d{1,2})?)\s*\$?\s*$/.exec(text);
  return found?.[1] ? Number(found[1].replace(",", ".")) : undefined;
}

export function count(number: number, thing: string): string {
  return `${number} ${number === 1 ? thing : `${thing}s`}`;
}

/** A length of time in its two largest units, as the command line says it. */
export function span(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const units: [number, string, number, string][] = [
    [86_400, "d", 3_600, "h"], [3_600, "h", 60, "min"], [60, "min", 1, "s"],
  ];
  for (const [size, unit, below, part] of units) {
    if (whole >= size) {
      const rest = Math.floor((whole % size) / below);
      return `${Math.floor(whole / size)} ${unit}${rest ? ` ${rest} ${part}` : ""}`;
    }
  }
  return `${whole} s`;
}

/** The first line, cut where it is long. */
export function short(text: string, width = 80): string {
  const first = text.trim().split("\n", 1)[0] ?? "";
  return first.length > width ? `${first.slice(0, width - 1).trimEnd()}…` : first;
}

/** Whether a mission does not go on, or not all of it, until the user did something. */
export function waits(status: MissionStatus): boolean {
  return !ended(status) && (status.attention > 0 || ["proposed", "blocked", "interrupted"].includes(status.word));
}

/** How many of its items wait for the user; a proposal counts as one thing that waits, and is no item. */
export function questions(status: MissionStatus): number {
  return status.attention - (status.phase === "proposed" ? 1 : 0);
}

export function ended(status: MissionStatus): boolean {
  return ["completed", "failed", "cancelled"].includes(status.phase);
}

/** What it waits for, in few words; empty where it waits for nothing. */
export function wish(status: MissionStatus): string {
  if (!waits(status)) {
    return "";
  }
  if (status.word === "proposed") {
    return "waits for approval";
  }
  const asked = questions(status);
  if (asked > 0) {
    // A mission that asks is held as blocked, too; what it asks is what one can do something about.
    return status.phase === "draft" ? `asks ${count(asked, "question")}` : `waits for ${count(asked, "decision")}`;
  }
  return status.word === "interrupted" ? "stopped working" : "is blocked";
}

const ICONS: Record<string, string> = {
  draft: "sync~spin", running: "sync~spin", proposed: "checklist", paused: "debug-pause", blocked: "warning",
  parked: "clock", interrupted: "debug-disconnect", completed: "pass-filled", failed: "error", cancelled: "circle-slash",
};

/** Name of the icon that says how a mission stands. */
export function missionIcon(status: MissionStatus): string {
  if (questions(status) > 0 && !ended(status) && status.word !== "proposed") {
    return "comment-discussion";
  }
  if (status.landed) {
    return "pass-filled";
  }
  const moves = status.word === "draft" || status.word === "running";
  return moves && !status.running ? "circle-outline" : (ICONS[status.word] ?? "circle-outline");
}

/** What the status bar says of a mission, with one icon in front. */
export function statusText(status: MissionStatus): string {
  const parts = [`${status.mission} ${headline(status)}`.trim()];
  if (status.dollars > 0 || status.budget !== null) {
    parts.push(money(status.dollars, status.budget));
  }
  if (!ended(status) && !waits(status) && atWork(status)) {
    parts.push(atWork(status));
  }
  return `$(${missionIcon(status)}) ${parts.join(" · ")}`;
}

function headline(status: MissionStatus): string {
  const settled = status.assertions ? `${status.settled}/${status.assertions}` : "";
  if (waits(status)) {
    return status.phase === "running" ? `${settled} ${wish(status)}`.trim() : wish(status);
  }
  switch (status.word) {
    case "running":
      return settled;
    case "draft":
      return "drafting";
    case "completed":
      return status.landed ? `${settled} landed` : `${settled} completed`;
    default:
      return `${settled} ${status.word}`.trim();
  }
}

/** `F3 worker`; where the engine works itself, what it does: `auditing F3`. */
export function atWork(status: MissionStatus): string {
  const parts = status.seat ? [status.subject, status.seat] : [status.doing, status.subject];
  return parts.filter(Boolean).join(" ");
}

/** The mission that most needs to be seen: one that waits, then one that moves, then the newest of the others. */
export function foremost(missions: readonly MissionStatus[]): MissionStatus | undefined {
  const rank = (status: MissionStatus): number => (waits(status) ? 0 : !ended(status) ? 1 : status.landed ? 3 : 2);
  return [...missions].sort((a, b) => rank(a) - rank(b))[0];
}

export interface Look {
  icon: string;
  /** Id of a theme colour; empty for the usual one. */
  color: string;
  word: string;
}

/** How an assertion stands, as icon, colour and word. */
export function assertionLook(assertion: Pick<AssertionView, "status" | "stale">): Look {
  if (assertion.stale) {
    return { icon: "history", color: "testing.iconSkipped", word: `${assertion.status}, stale` };
  }
  const looks: Record<string, Look> = {
    passed: { icon: "pass-filled", color: "testing.iconPassed", word: "passed" },
    failed: { icon: "error", color: "testing.iconFailed", word: "failed" },
    blocked: { icon: "warning", color: "testing.iconQueued", word: "blocked" },
    waived: { icon: "debug-step-over", color: "testing.iconSkipped", word: "waived" },
    removed: { icon: "trash", color: "testing.iconSkipped", word: "removed" },
  };
  return looks[assertion.status] ?? { icon: "circle-outline", color: "testing.iconUnset", word: assertion.status };
}

/** How a feature or a milestone stands. */
export function workLook(status: string): Look {
  const looks: Record<string, Look> = {
    active: { icon: "sync~spin", color: "charts.blue", word: "at work" },
    open: { icon: "circle-large-outline", color: "charts.blue", word: "open" },
    validating: { icon: "beaker", color: "charts.yellow", word: "validating" },
    built: { icon: "package", color: "charts.blue", word: "built" },
    accepted: { icon: "pass-filled", color: "testing.iconPassed", word: "accepted" },
    sealed: { icon: "verified-filled", color: "testing.iconPassed", word: "sealed" },
    cancelled: { icon: "circle-slash", color: "testing.iconSkipped", word: "cancelled" },
  };
  return looks[status] ?? { icon: "circle-outline", color: "testing.iconUnset", word: status };
}

/** How an item was answered: `→ feature F4: the fix …`. */
export function resolution(item: ItemView): string {
  if (item.open) {
    return "open";
  }
  const where = item.feature ? ` ${item.feature}` : "";
  const why = item.answer || item.reason;
  return `${item.decision}${where}${why ? `: ${why}` : ""}`;
}

/** Items that wait for the user: there is no second list. */
export function attention(items: readonly ItemView[]): ItemView[] {
  return items.filter((item) => item.open && item.owner === "user");
}

/** The items of a list of ids, such as what was held against a handoff. */
export function itemsOf(view: MissionView, ids: readonly string[]): ItemView[] {
  return view.items.filter((item) => ids.includes(item.id));
}
