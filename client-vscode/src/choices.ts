/** What can be asked of a mission as it stands. The server decides; this only keeps menus from offering what it refuses. */

import type { MissionStatus } from "./protocol";
import { ended, questions } from "./words";

export type Verb =
  | "answer" | "propose" | "approve" | "returnMission" | "run" | "pause" | "interrupt" | "steer" | "resume" | "cancel"
  | "land" | "publish" | "waive" | "recheck" | "amend" | "revert" | "reopen" | "setModel" | "setBudget" | "look";

type Test = (status: MissionStatus) => boolean;

const goes: Test = (status) => ["draft", "running"].includes(status.phase);

/** A runner is, or may come, at work in the tree. */
const goesOn: Test = (status) => ["running", "interrupted"].includes(status.word);

const TESTS: Record<Verb, Test> = {
  answer: (status) => questions(status) > 0 && !ended(status),
  propose: (status) => status.phase === "draft",
  approve: (status) => status.phase === "proposed",
  returnMission: (status) => status.phase === "proposed",
  run: (status) => goes(status) && !status.running && ["draft", "running", "interrupted"].includes(status.word),
  pause: (status) => goes(status) && ["draft", "running"].includes(status.word) && status.running,
  interrupt: (status) => goes(status) && ["draft", "running"].includes(status.word) && status.running,
  steer: (status) => !ended(status),
  resume: (status) => ["paused", "blocked", "parked"].includes(status.word),
  cancel: (status) => !ended(status),
  land: (status) => ended(status) && !status.landed,
  publish: (status) => status.phase === "running" || ended(status),
  waive: (status) => status.phase === "running",
  recheck: (status) => status.phase === "running" || status.phase === "completed",
  amend: (status) => status.phase === "running" || status.phase === "completed",
  revert: (status) => (status.phase === "running" && !goesOn(status)) || status.phase === "completed",
  reopen: (status) => status.phase === "failed" || status.phase === "cancelled",
  setModel: (status) => !ended(status),
  setBudget: (status) => !ended(status),
  look: () => true,
};

const NONE: Record<Verb, string> = {
  answer: "No mission waits for an answer.",
  propose: "No mission is being drafted.",
  approve: "No mission waits for approval.",
  returnMission: "No mission was proposed that could be returned.",
  run: "No mission lies still that could be run; a paused one is resumed.",
  pause: "No mission is running.",
  interrupt: "No mission is running.",
  steer: "No mission is on its way that could be steered.",
  resume: "No mission is paused, blocked or parked.",
  cancel: "No mission is on its way that could be cancelled.",
  land: "No mission has ended that was not landed yet.",
  publish: "No mission has work that could be published.",
  waive: "No mission is running whose assertions could be waived.",
  recheck: "No mission has verdicts that could be given again.",
  amend: "No mission has an agreed contract that could be amended.",
  revert: "No mission is paused or completed whose features could be taken back; pause it first.",
  reopen: "No mission has failed or was cancelled that could be reopened.",
  setModel: "No mission is on its way.",
  setBudget: "No mission is on its way.",
  look: "There is no mission in this workspace yet.",
};

export function can(status: MissionStatus, verb: Verb): boolean {
  return TESTS[verb](status);
}

export function fitting(missions: readonly MissionStatus[], verb: Verb): MissionStatus[] {
  return missions.filter((status) => can(status, verb));
}

/** What a person is told who asks for something that no mission can do now. */
export function none(verb: Verb): string {
  return NONE[verb];
}

/** Verbs for the context of a tree row, such as `;pause;steer;`. */
export function verbs(status: MissionStatus): string {
  const chosen = (Object.keys(TESTS) as Verb[]).filter((verb) => verb !== "look" && can(status, verb));
  return `;${chosen.join(";")};`;
}
