// What a straight journey does not need: a proposal returned, an attempt interrupted, another model, an assertion waived and
// one judged again, a branch published, the mission's own tree, a feature taken back, an amendment, an end and its undoing.
import { execFileSync } from "node:child_process";

import { CHECKOUT, Editor } from "./editor.mjs";
import { expect, until } from "./expect.mjs";
import { detour, GOAL, layOut } from "./tape.mjs";
import { Workbench } from "./workbench.mjs";

const PROGRAM = process.env.MILEPOST ?? `${CHECKOUT}/.venv/bin/milepost`;

export async function detours(browser) {
  const editor = await Editor.make("detours");
  let window;
  try {
    const model = layOut(editor, detour());
    await editor.configure({ "milepost.notifications": "none" }, { "milepost.server.path": PROGRAM, "milepost.model": model });
    await editor.install();
    await editor.start();
    window = await Workbench.open(browser, editor);
    await returned(window);
    await interrupted(window);
    await judged(window);
    await seated(window, model.replace("cassette.jsonl", "another.jsonl"));
    await outside(window, editor);
    await amended(window);
    await takenBack(window);
    await ended(window);
  } catch (error) {
    expect(false, `the detours went on: ${error.message}`, error.stack?.split("\n").slice(1, 4).join(" "));
    await window?.picture("stuck");
  } finally {
    await window?.close();
    await editor.stop();
  }
}

/** What the server answered to an order, in the status bar for a few seconds. */
const answered = (window, words, what) => until(() => window.answers(), (all) => all.some((text) => words.test(text)), what);
const row = (window, words, what) => until(() => window.treeRows(), (rows) => rows.some((text) => words.test(text)), what);

async function returned(window) {
  await window.openView();
  await until(() => window.pane().innerText(), (text) => /Give Milepost a goal/.test(text), "the empty tree welcomes");
  await window.palette("Milepost: New Mission…");
  await window.answer("What do you want", GOAL);
  await window.answer("How many dollars", "7.50");
  await window.choose("On a private clone");
  await until(() => window.statusText(), (text) => /waits for approval/.test(text), "it proposes, without a question");
  await until(() => window.treeRows(), (rows) => rows.some((text) => /^add-discount-shops-total-command /.test(text)), "under a name that can be read");
  expect((await window.notifications()).length === 0, "no notification where the user wants none", await window.notifications());
  await window.palette("Milepost: Approve…");
  await until(() => window.dialog().innerText(), (text) => /A discount, a command and a page\./.test(text), "what is proposed is said");
  await window.press("Return with Comment…");
  const before = await window.statusText();
  await window.answer("What should be different", "Smaller, please.");
  await until(() => window.statusText(), (text) => /waits for approval/.test(text) && text !== before, "it proposes anew");
  await window.palette("Milepost: Approve…");
  await until(() => window.dialog().innerText(), (text) => /each smaller than before/.test(text), "returned: another proposal");
  await window.picture("returned");
  await window.press("Approve");
}

async function interrupted(window) {
  await until(() => window.statusText(), (text) => /F3 worker/.test(text), "the worker of F3 is at work", 180_000);
  await window.palette("Milepost: Interrupt");
  await window.answer("What is wrong?", "The page should be smaller.");
  await until(() => window.statusText(), (text) => /paused/.test(text), "interrupted: the attempt is stopped, and the mission paused");
  await row(window, /For the orchestrator 1/, "how it goes on is the orchestrator's to say");
  await window.picture("interrupted");
}

async function judged(window) {
  await window.palette("Milepost: Waive Assertion…");
  await window.choose("DISC-002");
  await window.answer("no longer has to be shown", "Nobody gives such a discount.");
  await answered(window, /Waived/, "waived, with a reason");
  await window.unfold("F1 Discount");
  await row(window, /DISC-002.*waived/, "the tree says so");
  await window.palette("Milepost: Recheck…");
  await until(() => window.rows(), (rows) => rows.some((text) => /DISC-001/.test(text)) && !rows.some((text) => /DISC-002/.test(text)), "what was judged is offered, what was waived is not");
  await window.choose("DISC-001");
  await window.picture("recheck");
  await window.page.keyboard.press("Enter");
  await row(window, /DISC-001.*(stale|again)/, "it is to be judged again");
  await window.picture("judged");
}

async function seated(window, other) {
  await window.palette("Milepost: Change Model of a Seat…");
  await until(() => window.rows(), (rows) => rows.some((text) => /worker.*cassette/.test(text)), "seats are offered with their models");
  await window.picture("seats");
  await window.choose("worker");
  await window.answer("Its LiteLLM name", other);
  await answered(window, /seat\.worker\.model is changed/, "another model for a seat");
}

async function outside(window, editor) {
  await window.palette("Milepost: Publish");
  const branches = async () => execFileSync("git", ["branch", "--list", "milepost/*"], { cwd: editor.folder, encoding: "utf8" });
  await until(branches, (text) => /milepost\/add-discount-shops-total-command/.test(text), "published: its branch lies in the user's repository");
  const opened = window.page.context().waitForEvent("page", { timeout: 60_000 });
  await window.palette("Milepost: Open Mission Tree");
  const page = await opened;
  const tree = new Workbench(page, editor);
  await until(async () => decodeURIComponent(page.url()), (url) => /folder=.*\/missions\/.*\/tree/.test(url), "the mission's tree opens in a window of its own");
  await until(() => page.locator(".explorer-folders-view .monaco-list-row").allTextContents(), (rows) => rows.some((text) => /shop/.test(text)), "with its files");
  await until(() => tree.statusText(), (text) => /add-discount-shops-total/.test(text), "and the mission it belongs to");
  await tree.picture("tree");
  await page.close();
}

async function amended(window) {
  await window.palette("Milepost: Open Contract");
  await until(() => window.lenses(), (lenses) => lenses.length > 3, "the contract opens");
  await window.clickLine("- then: the answer is 200 with the text 5");
  await window.page.keyboard.press("End");
  await window.page.keyboard.type(" within a second");
  await window.palette("Milepost: Amend Contract");
  await answered(window, /Amended: WEB-001/, "an edit of the agreed contract becomes an amendment");
  await until(() => window.lines(), (lines) => lines.some((line) => line.includes("with the text 5 within a second")), "and the document says it");
  await window.picture("amended");
}

async function takenBack(window) {
  await window.palette("Milepost: Revert Feature…");
  await window.choose("F2");
  await until(() => window.dialog().innerText(), (text) => /is to be built anew/.test(text), "taking a feature back says what that means");
  await window.picture("revert");
  await window.press("Take It Back");
  await row(window, /F2 .*cancelled/, "taken back");
  await row(window, /For the orchestrator 2/, "what it owed is the orchestrator's to plan anew");
}

async function ended(window) {
  await window.palette("Milepost: Cancel…");
  await until(() => window.dialog().innerText(), (text) => /or the mission reopened/.test(text), "an end says what stays");
  await window.press("Cancel the Mission");
  await window.answer("may be left empty", "Enough for today.");
  await until(() => window.statusText(), (text) => /cancelled/.test(text), "cancelled");
  await window.picture("cancelled");
  await window.palette("Milepost: Reopen Mission…");
  await window.answer("It stays in the record", "One more day.");
  await until(() => window.statusText(), (text) => /paused/.test(text), "reopened, and paused");
}
