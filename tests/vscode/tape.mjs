// A recorded mission for the editor: the one of the small shop, in which the orchestrator asks first, and the user
// changes the contract before approving. Only what models say is recorded; all else happens.
import { execFileSync } from "node:child_process";
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";

import { CHECKOUT } from "./editor.mjs";

const SHOP = path.join(CHECKOUT, "tests/recorded/shop");

export const GOAL = "Add a discount to the shop's total, a command that prints a total, and a web page that answers one.";

const QUESTIONS = [
  {
    topic: "discount", question: "Is a discount given in percent, or as an amount that is taken off the total?",
    options: ["In percent", "As an amount"],
  },
  {
    topic: "prices", question: "What should the page do where a price is no number?", multiple: true,
    options: ["Answer 400", "Say which price"],
  },
];

/** Longer than it needs: so that somebody can look, close the window, and come back. */
const SLOW = { "worker.F1.1": 4, "worker.F3.1": 8, "worker.F4.1": 30 };

/** A repository with one commit, as the recorded mission found it. */
export function layOutRepository(editor) {
  cpSync(path.join(SHOP, "base"), editor.folder, { recursive: true });
  const git = (...words) => execFileSync("git", words, { cwd: editor.folder, env: { ...editor.environment, GIT_CONFIG_NOSYSTEM: "1" } });
  git("init", "-q", "-b", "main");
  git("config", "user.name", "Ada");
  git("config", "user.email", "ada@example.com");
  git("add", "-A");
  git("commit", "-q", "-m", "A small shop");
}

/** The same, with the recorded mission carried to its end from the command line. */
export function layOutMission(editor, program) {
  layOutRepository(editor);
  const words = ["new", GOAL, "--model", `cassette:${path.join(SHOP, "cassette.jsonl")}`, "-m", "shop"];
  execFileSync(program, [...words, "--approve-as-proposed", "--trust", "-C", editor.folder], { cwd: editor.home, env: editor.environment });
}

/** Lay out the repository that is opened, and the recording beside it; returns the model's name for the setting. */
export function layOut(editor, lines = recording()) {
  layOutRepository(editor);
  const told = lines.map((line, index) => JSON.stringify({ ...line, usage: usage(index) })).join("\n") + "\n";
  const models = ["cassette.jsonl", "another.jsonl"].map((name) => path.join(editor.root, name)).map((cassette) => {
    writeFileSync(cassette, told);
    return `cassette:${cassette}`;
  });
  const prices = models.map((model) => `"${model}" = { fresh = 3.0, cached = 0.3, out = 15.0 }\n`).join("");
  writeFileSync(path.join(editor.root, "config/milepost/config.toml"), `[prices]\n${prices}`);
  return models[0];
}

function recorded() {
  return readFileSync(path.join(SHOP, "cassette.jsonl"), "utf8").trim().split("\n").map((line) => JSON.parse(line));
}

function recording() {
  return [...recorded().map(shifted), asks(), proposesAgain("A discount in percent, a command and a page, as you changed them."), isSteered()];
}

/** Nothing is asked; what is returned is proposed anew; and the worker of F3 takes so long that it can be interrupted. */
export function detour() {
  const lines = recorded().filter(({ attempt }) => attempt !== "orchestrator.2");
  const slow = lines.map((line) => (line.attempt === "worker.F3.1" && line.turn === 1 ? waiting(line, 240) : line));
  return [...slow, proposesAgain("A discount, a command and a page, each smaller than before.")];
}

function asks() {
  const call = { name: "ask_user", arguments: { questions: QUESTIONS } };
  return { attempt: "orchestrator.1", turn: 2, reply: { content: "", tool_calls: [call] } };
}

/** The user saved another contract, or returned it: the orchestrator sits down once more. */
function proposesAgain(summary) {
  return { attempt: "orchestrator.2", turn: 1, reply: { content: "", tool_calls: [{ name: "propose_mission", arguments: { summary } }] } };
}

function isSteered() {
  const call = { name: "end_turn", arguments: { summary: "The page is small; nothing to change." } };
  return { attempt: "orchestrator.3", turn: 1, reply: { content: "", tool_calls: [call] } };
}

function shifted(line) {
  const { attempt, turn } = line;
  if (attempt === "orchestrator.1" && turn >= 2) {
    return { ...line, turn: turn + 1 };
  }
  if (attempt === "orchestrator.2") {
    // It is seated twice before: to propose anew, and to read what the user steers. The questions are I1 and I2.
    const mended = JSON.parse(JSON.stringify(line).replaceAll('"I1"', '"I3"'));
    return { ...mended, attempt: "orchestrator.4" };
  }
  const seconds = turn === 1 ? SLOW[attempt] : undefined;
  return seconds ? waiting(line, seconds) : line;
}

function waiting(line, seconds) {
  const waits = { name: "run_command", arguments: { command: `sleep ${seconds}` } };
  return { ...line, reply: { ...line.reply, tool_calls: [...line.reply.tool_calls, waits] } };
}

/** Tokens as such a turn may take them, so that there is money to be seen. */
function usage(index) {
  return { fresh: 4000 + 700 * (index % 5), cached: 21_000 + 900 * index, out: 900 + 160 * (index % 7) };
}
