/** Mission Control: what is on its screen, what its plots draw, and that its page may do nothing else. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { places, read } from "../src/control/messages";
import { type Node, textOf, walk } from "../src/control/nodes";
import { nonce, page } from "../src/control/page";
import { assertionPlot, moneyPlot, niceTop } from "../src/control/plots";
import { screen } from "../src/control/screen";
import { proposal } from "../src/proposal";
import type { MissionView } from "../src/protocol";
import { assertion, feature, handoff, item, milestone, status, view } from "./sample";

const whole = view({
  status: status({ attention: 1 }),
  milestones: [milestone({ rounds: 2 })],
  features: [feature(), feature({ id: "F4", title: "Mend walks", fixes: ["I4"], fulfills: [], commits: [] })],
  assertions: [assertion({ status: "failed", note: "got lost", evidence: [{ id: "tester/E1", kind: "receipt", title: "walk", blob: "", uri: "file:///e1.txt" }] })],
  items: [
    item(),
    item({ id: "I4", type: "verdict", about: "WALK-001", owner: "orchestrator", open: false, decision: "feature", feature: "F4", reason: "it mends exactly this", text: "WALK-001 failed: got lost" }),
    item({ id: "I5", type: "finding", owner: "orchestrator", text: "<b>unchecked</b> input", file: "file:///tree/walk.py", line: 8, severity: "blocking" }),
  ],
  handoffs: [handoff({ found: ["I4", "I5"], mismatches: ["`make test` was not run"] })],
  rounds: [{ milestone: "M2", number: 1, outcome: "failed", reason: "WALK-001 failed", failed: ["WALK-001"], items: ["I4"] }],
  seats: [{ seat: "worker", model: "claude-sonnet-5-5", dollars: 0.9, turns: 41, cacheShare: 0.93 }],
  timeline: [{ at: 0, settled: 0, assertions: 18, dollars: 0 }, { at: 400, settled: 12, assertions: 18, dollars: 1.2 }],
});

const section = (picture: MissionView, key: string): Node =>
  screen(picture, [picture.status]).find((each) => each.attributes["data-key"] === key) as Node;
const buttons = (node: Node): string[] =>
  [...walk(node)].filter((each) => each.tag === "button").map((each) => `${each.attributes["data-command"]} ${textOf(each)}`);

test("what waits for the user stands with a button", () => {
  const waiting = section(whole, "waiting");
  assert.match(textOf(waiting), /Waiting for you \(1\) I1 question How big\? small \/ large Answer…/);
  assert.deepEqual(buttons(waiting), ["answer Answer…"]);
});

test("completion, money against the budget, and who does what", () => {
  assert.match(textOf(section(whole, "figures")), /67 % 12 of 18 assertions \$1\.20 of \$20\.00 worker F3 · run_command 6 min 40 s/);
});

test("what validators found about a handoff, and how the mission answers it", () => {
  const text = textOf(section(whole, "handoffs"));
  assert.match(text, /F3 Walks done worker\.F3\.1 all of it One can walk The audit saw otherwise: `make test` was not run/);
  assert.match(text, /I4 {2}verdict: WALK-001 failed: got lost → feature F4: it mends exactly this/);
  assert.match(text, /I5 {2}finding: <b>unchecked<\/b> input not answered yet/);
});

test("verdicts have their marks, evidence and buttons", () => {
  const matrix = section(whole, "matrix");
  assert.match(textOf(matrix), /✗ WALK-001 {2}A walk ends at the exit command F3 receipt 1 got lost Recheck Waive…/);
  assert.deepEqual(buttons(matrix), ["recheck Recheck", "waive Waive…"]);
});

test("plan, rounds and seats", () => {
  assert.match(textOf(section(whole, "plan")), /M2 {2}Walking open 2 rounds Diff One can walk F3 Walks active · WALK-001 · \$0\.40 handoff Diff F4 Mend walks/);
  assert.match(textOf(section(whole, "rounds")), /M2 round 1 failed WALK-001 failed I4 → feature F4/);
  assert.match(textOf(section(whole, "seats")), /worker claude-sonnet-5-5 \$0\.90 41 93 %/);
});

test("buttons in the head are those that the state allows", () => {
  const head = (some: Parameters<typeof status>[0]): string => buttons(section(view({ status: status(some) }), "header")).join();
  assert.equal(head({}), "pause Pause,interrupt Interrupt,steer Steer…,setBudget Budget…");
  assert.equal(head({ phase: "proposed", word: "proposed" }), "approve Approve…,returnMission Return with comment…,steer Steer…,setBudget Budget…");
  assert.equal(head({ phase: "completed", word: "completed" }), "land Land…");
});

test("an empty mission draws every section, and none of them breaks", () => {
  const bare = view({ milestones: [], features: [], assertions: [], handoffs: [], documents: [], status: status({ phase: "draft", word: "draft", assertions: 0, completion: 0 }) });
  assert.equal(screen(bare, [bare.status]).length, 9);
});

test("no style attribute and no handler: the policy would refuse them", () => {
  for (const node of screen(whole, [whole.status]).flatMap((each) => [...walk(each)])) {
    const forbidden = Object.keys(node.attributes).filter((name) => name === "style" || name.startsWith("on"));
    assert.deepEqual(forbidden, []);
  }
});

test("plots have a line for each series, and stay inside their frame", () => {
  for (const plot of [assertionPlot(whole.timeline), moneyPlot(whole.timeline, 2)]) {
    const lines = [...walk(plot)].filter((each) => each.tag === "polyline");
    assert.equal(lines.length, 2);
    for (const numbers of lines.map((line) => (line.attributes.points ?? "").split(/[ ,]/).map(Number))) {
      assert.ok(numbers.every((each) => each >= 0 && each <= 520), String(numbers));
    }
  }
});

test("a budget far away does not press the line flat, and one point draws no line", () => {
  const far = [...walk(moneyPlot(whole.timeline, 500))].filter((each) => each.tag === "polyline");
  assert.equal(far.length, 1);
  assert.equal([...walk(assertionPlot(whole.timeline.slice(0, 1)))].some((each) => each.tag === "polyline"), false);
  assert.deepEqual([0, 0.03, 1.2, 7, 10, 4200].map(niceTop), [1, 0.05, 2, 10, 10, 5000]);
});

test("the page allows its own script by nonce, its own style, and nothing else", () => {
  const once = nonce();
  const text = page({ script: "https://x/control.js", style: "https://x/control.css", cspSource: "https://x" }, once);
  assert.match(text, new RegExp(`content="default-src 'none'; style-src https://x; script-src 'nonce-${once.replace(/[+/]/g, "\\$&")}'"`));
  assert.equal(text.match(/<script/g)?.length, 1);
  assert.doesNotMatch(text, /unsafe|style="|onclick/);
  assert.notEqual(nonce(), once);
});

test("a page is not believed what it says", () => {
  assert.equal(read({ type: "command", command: "workbench.action.quit", target: {} }), undefined);
  assert.equal(read({ type: "open", uri: 7 }), undefined);
  assert.equal(read("ready"), undefined);
  assert.deepEqual(read({ type: "command", command: "pause", target: { mission: "mazes", item: 3, feature: undefined } }),
    { type: "command", command: "pause", target: { mission: "mazes" } });
  assert.ok(places(whole).has("file:///tree/walk.py"));
  assert.ok(!places(whole).has("file:///etc/passwd"));
});

test("what is approved is said in a few lines", () => {
  const text = proposal(view({ estimate: { dollars_low: 3, dollars_high: 9 }, warnings: ["worker and reviewer are of one family"] }));
  assert.match(text, /1 assertion, 1 milestone, 1 feature\.\n\nBy experience such a plan costs \$3\.00 to \$9\.00\. Its budget of \$20\.00 is never exceeded\.\n\n! worker and reviewer/);
  const small = proposal(view({ estimate: { dollars_low: 30, dollars_high: 84 } }));
  assert.match(small, /never exceeded: it stops there, and asks\./);
  assert.match(proposal(view()), /It costs \$20\.00 at most/);
});
