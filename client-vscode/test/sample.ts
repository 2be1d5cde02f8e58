/** Missions as the server would tell them, for tests that need only a part of one. */

import type { AssertionView, FeatureView, HandoffView, ItemView, MilestoneView, MissionStatus, MissionView } from "../src/protocol";

export function status(some: Partial<MissionStatus> = {}): MissionStatus {
  return {
    mission: "mazes", title: "Mazes that one can walk through", repository: "file:///home/ada/mazes", revision: 40,
    word: "running", phase: "running", health: "ok", message: "", running: true, completion: 12 / 18, settled: 12,
    assertions: 18, dollars: 1.2, budget: 20, milestone: "M2", seat: "worker", doing: "run_command", subject: "F3",
    attention: 0, landed: false, ...some,
  };
}

export function assertion(some: Partial<AssertionView> = {}): AssertionView {
  return {
    id: "WALK-001", title: "A walk ends at the exit", area: "WALK", surface: "command", status: "passed", stale: false,
    feature: "F3", milestone: "M2", note: "walked 12 mazes", evidence: [], uri: "file:///docs/mazes.contract.md", line: 4, ...some,
  };
}

export function feature(some: Partial<FeatureView> = {}): FeatureView {
  return {
    id: "F3", title: "Walks", milestone: "M2", status: "active", skill: "", fulfills: ["WALK-001"], fixes: [], attempts: 1,
    dollars: 0.4, start: "a1", end: "b2", commits: ["b2"], document: "file:///docs/handoffs/F3.md", ...some,
  };
}

export function milestone(some: Partial<MilestoneView> = {}): MilestoneView {
  return {
    id: "M2", title: "Walking", outcome: "One can walk", status: "open", rounds: 1, commit: "",
    document: "file:///docs/milestones/M2.md", ...some,
  };
}

export function item(some: Partial<ItemView> = {}): ItemView {
  return {
    id: "I1", type: "question", owner: "user", about: "", text: "How big?", severity: "", options: ["small", "large"], multiple: false,
    blocks: "mission", file: "", line: -1, open: true, decision: "", reason: "", answer: "", feature: "",
    actions: ["answer"], ...some,
  };
}

export function handoff(some: Partial<HandoffView> = {}): HandoffView {
  return {
    feature: "F3", attempt: "worker.F3.1", outcome: "done", summary: "One can walk", mismatches: [], found: [],
    document: "file:///docs/handoffs/F3.md", ...some,
  };
}

export function view(some: Partial<MissionView> = {}): MissionView {
  return {
    status: status(), goal: "Mazes that one can walk through", summary: "Two milestones", base: "a1", head: "b2",
    branch: "milepost/mazes", mode: "worktree", tree: "file:///state/mazes/tree", folder: "file:///state/mazes",
    created: 1000, elapsed: 400, milestones: [milestone()], features: [feature()], assertions: [assertion()], items: [],
    handoffs: [handoff()], rounds: [], seats: [], activity: [], timeline: [],
    documents: [{ name: "contract", uri: "file:///docs/mazes.contract.md" }], warnings: [], estimate: {}, ...some,
  };
}
