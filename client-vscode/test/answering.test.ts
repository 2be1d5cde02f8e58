/** Answers as orders. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { given } from "../src/answering";
import { item } from "./sample";

test("options are given by number, in their own order", () => {
  assert.deepEqual(given(item(), ["large"]), { order: "answer", text: "2" });
  assert.deepEqual(given(item({ multiple: true }), ["large", "small"]), { order: "answer", text: "1, 2" });
  assert.deepEqual(given(item({ options: ["4", "2"] }), ["2"]), { order: "answer", text: "2" });
});

test("words of one's own are given as they are, beside options too", () => {
  assert.deepEqual(given(item(), ["400"]), { order: "resolve", text: "400" });
  assert.deepEqual(given(item({ multiple: true }), ["huge", "small"]), { order: "resolve", text: "huge; small" });
  assert.deepEqual(given(item({ options: [] }), ["7"]), { order: "resolve", text: "7" });
});

test("what is no question is resolved in words", () => {
  assert.deepEqual(given(item({ type: "stuck" }), ["small"]), { order: "resolve", text: "small" });
});
