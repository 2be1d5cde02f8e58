/** What the page of Mission Control and the extension say to one another. */

import type { PaletteName } from "../palette";
import { PALETTE } from "../palette";
import type { MissionStatus, MissionView } from "../protocol";

export type ToPage =
  | { type: "view"; view: MissionView; missions: MissionStatus[] }
  | { type: "blank"; text: string };

export type FromPage =
  | { type: "ready" }
  | { type: "choose"; mission: string }
  | { type: "open"; uri: string; line?: number }
  | { type: "command"; command: PaletteName; target: Record<string, string> };

/** A message as one of ours, or undefined: a page is never believed what it says. */
export function read(message: unknown): FromPage | undefined {
  if (typeof message !== "object" || message === null || !("type" in message)) {
    return undefined;
  }
  const said = message as Record<string, unknown>;
  switch (said.type) {
    case "ready":
      return { type: "ready" };
    case "choose":
      return typeof said.mission === "string" ? { type: "choose", mission: said.mission } : undefined;
    case "open":
      return typeof said.uri === "string"
        ? { type: "open", uri: said.uri, line: typeof said.line === "number" ? said.line : undefined } : undefined;
    case "command": {
      const command = PALETTE.find((name) => name === said.command);
      const target = typeof said.target === "object" && said.target !== null ? Object.entries(said.target) : [];
      const words = target.filter((entry): entry is [string, string] => typeof entry[1] === "string");
      return command ? { type: "command", command, target: Object.fromEntries(words) } : undefined;
    }
    default:
      return undefined;
  }
}

/** URIs that a picture points at: nothing else is opened on the page's word. */
export function places(view: MissionView): Set<string> {
  const found = [
    ...view.documents.map((each) => each.uri), ...view.milestones.map((each) => each.document),
    ...view.features.map((each) => each.document), ...view.handoffs.map((each) => each.document),
    ...view.items.map((each) => each.file), ...view.assertions.map((each) => each.uri),
    ...view.assertions.flatMap((each) => each.evidence.map((one) => one.uri)),
  ];
  return new Set(found.filter(Boolean));
}
