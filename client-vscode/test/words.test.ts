/** How missions are put into words. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { amount, assertionLook, attention, count, foremost, money, resolution, short, span, statusText, waits } from "../src/words";
import { item, status } from "./sample";

test("the status bar says how far, how dear and who", () => {
  assert.equal(statusText(status()), "$(sync~spin) mazes 12/18 · $1.20 of $20 · F3 worker");
  assert.equal(statusText(status({ budget: null, subject: "" })), "$(sync~spin) mazes 12/18 · $1.20 · worker");
});

test("what waits for the user is said instead of who is at work", () => {
  const draft = { phase: "draft", word: "draft", settled: 0, assertions: 0 };
  assert.equal(statusText(status({ ...draft, seat: "orchestrator", subject: "" })), "$(sync~spin) mazes drafting · $1.20 of $20 · orchestrator");
  assert.equal(statusText(status({ ...draft, attention: 2 })), "$(comment-discussion) mazes asks 2 questions · $1.20 of $20");
  assert.equal(statusText(status({ phase: "proposed", word: "proposed", running: false, attention: 0, dollars: 0 })),
    "$(checklist) mazes waits for approval · $0.00 of $20");
  assert.match(statusText(status({ attention: 1 })), /mazes 12\/18 waits for 1 decision/);
  assert.match(statusText(status({ word: "blocked" })), /^\$\(warning\) mazes 12\/18 is blocked/);
  assert.match(statusText(status({ word: "interrupted", running: false })), /\$\(debug-disconnect\) mazes 12\/18 stopped working/);
});

test("an ended mission waits for nothing", () => {
  const done = status({ phase: "completed", word: "completed", settled: 18, running: false, attention: 1 });
  assert.equal(waits(done), false);
  assert.equal(statusText(done), "$(pass-filled) mazes 18/18 completed · $1.20 of $20");
  assert.match(statusText({ ...done, landed: true }), /18\/18 landed/);
  assert.match(statusText(status({ word: "paused" })), /^\$\(debug-pause\) mazes 12\/18 paused/);
});

test("the mission that waits comes first, then one that moves, then the ended ones", () => {
  const [moves, old, asks] = [status({ mission: "moves" }), status({ mission: "old", phase: "completed" }), status({ mission: "asks", attention: 1 })];
  assert.equal(foremost([moves, old, asks])?.mission, "asks");
  assert.equal(foremost([old, moves])?.mission, "moves");
  assert.equal(foremost([]), undefined);
});

test("money, time and numbers are as on the command line", () => {
  assert.equal(money(1.205, 7.5), "$1.21 of $7.50");
  assert.deepEqual([0, 59, 61, 3700, 90_000].map(span), ["0 s", "59 s", "1 min 1 s", "1 h 1 min", "1 d 1 h"]);
  assert.deepEqual([count(1, "round"), count(3, "round")], ["1 round", "3 rounds"]);
  assert.equal(short("one\ntwo"), "one");
  assert.equal(short("x".repeat(90)).length, 80);
});

test("a sum of money is read as people type it, and nothing else is", () => {
  assert.deepEqual(["20", " $7.50 ", "7,5", "0", "12 $"].map(amount), [20, 7.5, 7.5, 0, 12]);
  assert.deepEqual(["", "-1", "ten", "1e9", "1.234", "Infinity"].map(amount), Array(6).fill(undefined));
});

test("an unknown state is shown as it is", () => {
  assert.equal(assertionLook({ status: "dreaming", stale: false }).word, "dreaming");
  assert.equal(assertionLook({ status: "passed", stale: true }).word, "passed, stale");
});

test("the attention list is the open items of the user's", () => {
  const items = [item(), item({ id: "I2", open: false }), item({ id: "I3", owner: "orchestrator" })];
  assert.deepEqual(attention(items).map((each) => each.id), ["I1"]);
});

test("how an item was answered", () => {
  const answered = item({ open: false, decision: "feature", feature: "F4", reason: "the fix mends exactly this" });
  assert.equal(resolution(answered), "feature F4: the fix mends exactly this");
  assert.equal(resolution(item({ open: false, decision: "answer", answer: "small" })), "answer: small");
  assert.equal(resolution(item()), "open");
});
