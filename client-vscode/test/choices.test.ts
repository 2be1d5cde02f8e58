/** What menus offer, and what a nudge says. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { can, fitting, none, verbs } from "../src/choices";
import { Nudges } from "../src/nudges";
import { redact } from "../src/redact";
import { status } from "./sample";

const proposed = status({ phase: "proposed", word: "proposed", running: false });

test("a mission is offered what it can do", () => {
  assert.equal(verbs(status()), ";pause;interrupt;steer;cancel;publish;waive;recheck;amend;setModel;setBudget;");
  assert.equal(verbs(proposed), ";approve;returnMission;steer;cancel;setModel;setBudget;");
  assert.match(verbs(status({ word: "paused" })), /;resume;.*;revert;/);
  assert.equal(verbs(status({ phase: "cancelled", word: "cancelled", running: false })), ";land;publish;reopen;");
  assert.match(verbs(status({ word: "interrupted", running: false })), /;run;/);
  assert.equal(verbs(status({ phase: "completed", word: "completed", running: false })), ";land;publish;recheck;amend;revert;");
  assert.ok(!can(status({ phase: "completed", word: "completed", landed: true }), "land"));
});

test("where nothing fits, a person is told in words", () => {
  assert.deepEqual(fitting([status()], "approve"), []);
  assert.match(none("approve"), /waits for approval/);
});

test("a nudge is news once, and opening a window is not news", () => {
  const nudges = new Nudges();
  assert.deepEqual(nudges.next([proposed]), []);
  assert.deepEqual(nudges.next([proposed]), []);
  assert.deepEqual(nudges.next([status({ attention: 2 })]).map((each) => [each.text, each.command]), [["mazes waits for 2 decisions.", "answer"]]);
  assert.deepEqual(nudges.next([status({ attention: 1 })]), [], "one was answered");
  assert.deepEqual(nudges.next([status({ attention: 3 })]).map((each) => each.text), ["mazes waits for 3 decisions."]);
  assert.deepEqual(nudges.next([status({ attention: 2 })]), []);
  assert.deepEqual(nudges.next([]), []);
  assert.deepEqual(nudges.next([status({ attention: 2 })]), [], "a server that started again says nothing new");
  assert.deepEqual(nudges.next([proposed]).map((each) => each.command), ["approve"]);
});

test("diagnostics leave out the home folder and what looks like a key", () => {
  const key = `sk-${"a1".repeat(12)}`; // made here, so that nobody takes it for a real one
  const made = redact(`/home/ada/x ${key} OPENAI_API_KEY=hunter2222 https://u:pass@host Bearer abcdefghijk`, "/home/ada");
  assert.equal(made, "~/x … OPENAI_API_KEY=… https://u:…@host Bearer …");
});
