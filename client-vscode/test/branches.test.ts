/** Rows of the tree, as a person reads them from top to bottom. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { type Branch, branches } from "../src/branches";
import type { MissionView } from "../src/protocol";
import { assertion, feature, handoff, item, milestone, status, view } from "./sample";

function rows(branch: Branch, depth = 0): string[] {
  const own = `${"  ".repeat(depth)}${branch.label}${branch.description ? ` | ${branch.description}` : ""}`;
  return [own, ...branch.children.flatMap((child) => rows(child, depth + 1))];
}

const tree = (picture: MissionView): Branch => branches([picture.status], () => picture)[0] as Branch;

test("a mission in the middle of its work", () => {
  const found = item({ id: "I4", type: "verdict", owner: "orchestrator", open: false, decision: "feature", feature: "F4", text: "WALK-001 failed" });
  const picture = view({
    milestones: [milestone({ id: "M1", title: "Mazes", status: "sealed" }), milestone({ rounds: 2 })],
    features: [
      feature({ id: "F1", milestone: "M1", title: "Draw", status: "accepted", fulfills: ["DRAW-001"] }),
      feature(), feature({ id: "F4", title: "Mend walks", fixes: ["I4"], fulfills: [], commits: [], attempts: 2, dollars: 0 }),
    ],
    assertions: [
      assertion({ id: "DRAW-001", title: "A maze is drawn", feature: "F1", milestone: "M1", evidence: [{ id: "tester/E1", kind: "receipt", title: "python3 -m mazes", blob: "", uri: "file:///e1.txt" }] }),
      assertion({ status: "failed" }),
    ],
    items: [item(), found],
    handoffs: [handoff({ found: ["I4"] })],
    rounds: [{ milestone: "M2", number: 1, outcome: "failed", reason: "WALK-001 failed", failed: ["WALK-001"], items: ["I4"] }],
  });
  assert.deepEqual(rows(tree(picture)), [
    "mazes | running · 12/18 · $1.20 of $20",
    "  Waiting for you | 1",
    "    How big? | I1 question",
    "  M1 Mazes | sealed",
    "    F1 Draw | accepted · $0.40",
    "      DRAW-001 A maze is drawn | passed",
    "        python3 -m mazes | receipt",
    "  M2 Walking | open · round 2",
    "    F3 Walks | at work · $0.40",
    "      WALK-001 A walk ends at the exit | failed",
    "      Handoff | One can walk",
    "    F4 Mend walks | at work · fixes I4 · attempt 2",
    "  Documents | 1",
    "    Contract",
  ]);
});

test("while there is no plan the contract's assertions are shown by themselves", () => {
  const draft = view({ milestones: [], features: [], handoffs: [], documents: [], assertions: [assertion({ feature: "", milestone: "", status: "pending" })] });
  assert.deepEqual(rows(tree(draft)).slice(1), ["  Contract | 1", "    WALK-001 A walk ends at the exit | pending"]);
});

test("before the first picture a mission is one row", () => {
  assert.deepEqual(rows(branches([status()], () => undefined)[0] as Branch), ["mazes | running · 12/18 · $1.20 of $20"]);
});

test("rows say what can be done with them, and what a click does", () => {
  const picture = view({ assertions: [assertion({ status: "failed" })], items: [item()] });
  const all = new Map(everything(tree(picture)).map((branch) => [branch.label.split(" ")[0], branch]));
  assert.match(all.get("mazes")?.context ?? "", /^mission;(.*;)?pause;/);
  assert.equal(all.get("F3")?.context, "feature;diff;");
  const paused = everything(tree(view({ status: status({ word: "paused" }) })));
  assert.equal(paused.find((branch) => branch.label.startsWith("F3"))?.context, "feature;diff;revert;");
  assert.equal(all.get("WALK-001")?.context, "assertion;waive;recheck;");
  assert.deepEqual(all.get("WALK-001")?.opens, { uri: "file:///docs/mazes.contract.md", line: 4 });
  assert.deepEqual(all.get("WALK-001")?.target, { mission: "mazes", feature: "F3", assertion: "WALK-001" });
  assert.equal(all.get("How")?.runs, "milepost.palette.answer");
});

test("keys are unique: a row that is unfolded stays so", () => {
  const picture = view({ items: [item(), item({ id: "I2", owner: "orchestrator" })] });
  const keys = everything(tree(picture)).map((branch) => branch.key);
  assert.equal(new Set(keys).size, keys.length);
});

function everything(branch: Branch): Branch[] {
  return [branch, ...branch.children.flatMap(everything)];
}
