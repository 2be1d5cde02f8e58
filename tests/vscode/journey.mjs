// The whole life of a mission in a real VS Code, by palette, clicks and typing alone: goal, questions, an edited contract,
// approval, running, a closed window, a failed round, its fix, landing.
import { execFileSync } from "node:child_process";

import { CHECKOUT, Editor } from "./editor.mjs";
import { expect, look, say, until } from "./expect.mjs";
import { GOAL, layOut } from "./tape.mjs";
import { Workbench } from "./workbench.mjs";

const PROGRAM = process.env.MILEPOST ?? `${CHECKOUT}/.venv/bin/milepost`;

export async function journey(browser) {
  const editor = await Editor.make("journey");
  let window;
  try {
    const model = layOut(editor);
    await editor.configure({}, { "milepost.server.path": PROGRAM, "milepost.model": model });
    await editor.install();
    await editor.start();
    window = await Workbench.open(browser, editor);
    await draft(window);
    await questions(window);
    await contract(window);
    await approval(window);
    window = await comeBack(browser, window, editor);
    await judgement(window);
    await looking(window);
    await landing(window, editor);
  } catch (error) {
    expect(false, `the journey went on: ${error.message}`, error.stack?.split("\n").slice(1, 4).join(" "));
    await window?.picture("stuck");
  } finally {
    await window?.close();
    await editor.stop();
  }
}

async function draft(window) {
  await window.openView();
  await until(() => window.pane().innerText(), (text) => /Give Milepost a goal/.test(text), "the empty tree welcomes, once the server is there");
  await window.picture("welcome");
  await window.page.keyboard.press("F1");
  await window.quickInput().fill(">Milepost: ");
  await until(() => window.rows(), (rows) => rows.length >= 10 && rows.some((row) => row.includes("New Mission…")), "the palette has the commands");
  await window.picture("palette");
  await window.page.keyboard.press("Escape");
  await window.palette("Milepost: New Mission…");
  await window.answer("What do you want", GOAL);
  await until(() => window.quickInput().inputValue(), (value) => value === "20", "the budget of the settings is offered");
  await window.answer("How many dollars", "7.50");
  await until(() => window.rows(), (rows) => rows.length === 2, "a private clone, or the open folder");
  await window.picture("where");
  await window.choose("On a private clone");
}

async function questions(window) {
  await until(() => window.statusText(), (text) => /asks 2 questions/.test(text), "the status bar says that it asks");
  expect(await window.warns(), "the status bar warns while something waits for the user");
  await until(() => window.notifications(), (all) => all.some((text) => /asks 2 questions/.test(text)), "one notification says so");
  await until(() => window.treeRows(), (rows) => rows.some((row) => /Waiting for you/.test(row)), "the tree shows what waits");
  await window.picture("asks");
  await window.pressInNotification("asks 2 questions", "Answer…");
  await until(() => window.quickText(), (text) => /in percent, or as an amount/.test(text), "the whole question is shown");
  await until(() => window.rows(), (rows) => rows.length === 2, "with its options");
  await window.picture("question");
  await window.choose("In percent");
  await until(() => window.quickText(), (text) => /no number\?/.test(text), "then the second question");
  await window.choose("Say which price");
  await window.quickInput().fill("Answer 422");
  await until(() => window.rows(), (rows) => rows.length === 3, "what is typed is offered beside the options");
  await window.picture("answer-several");
  await window.page.keyboard.press("Enter");
  await until(() => window.statusText(), (text) => /waits for approval/.test(text), "it proposes");
}

async function contract(window) {
  await window.picture("proposed");
  await window.pressInNotification("waits for approval", "Don't Show Again");
  await window.treeRow("F1 Discount").click();
  await until(() => window.treeRows(), (rows) => rows.some((row) => /DISC-001.*pending/.test(row)), "the tree has the plan, and the assertions each feature owes");
  await window.palette("Milepost: Open Contract");
  await until(() => window.tabs(), (tabs) => tabs.some((tab) => /\.contract\.md/.test(tab)), "the contract opens");
  await until(() => window.page.locator('.statusbar-item[id="status.editor.mode"]').innerText(), (text) => /Milepost Contract/.test(text), "in its own language");
  await until(() => window.lenses(), (lenses) => lenses.length > 3, "with lenses");
  await window.picture("contract");
  await window.clickLine("- then: the answer is 200 with the text 5");
  await window.page.keyboard.press("End");
  await window.page.keyboard.type("\n- given: nothing");
  await window.page.keyboard.type("\n- flavour: sweet");
  await until(() => window.lines(), (all) => all.includes("- given: nothing") && all.includes("- flavour: sweet"), "what was typed is what stands there");
  await window.palette("View: Focus Problems");
  await until(() => window.problems(), (all) => all.some((text) => /flavour/.test(text)), "a field that does not exist is a problem at its line");
  await window.picture("problem");
  await window.palette("View: Hide Panel");
  await window.clickLine("- flavour: sweet");
  await window.page.keyboard.press("Home");
  await window.page.keyboard.press("Shift+End");
  await window.page.keyboard.press("Backspace");
  await window.page.keyboard.press("Backspace");
  const before = await window.statusText();
  await window.page.keyboard.press("Control+S");
  const anew = (text) => /waits for approval/.test(text) && text !== before;
  await until(() => window.statusText(), anew, "the saved edit reaches the mission, which proposes anew");
  expect(!(await window.notifications()).some((text) => /waits for approval/.test(text)), "no notification is shown again");
  const inOrder = (lines) => lines.findIndex((line) => line.includes("- given: nothing")) < lines.findIndex((line) => line.includes("- when: `/total"));
  await until(() => window.lines(), inOrder, "and the document is in order");
}

async function approval(window) {
  await window.palette("Milepost: Approve…");
  await until(() => window.dialog().innerText(), (text) => /as you changed them[\s\S]*4 assertions, 2 milestones/.test(text), "what is agreed is said in a few lines");
  await window.picture("approve");
  await window.press("Approve");
  await until(() => window.statusText(), (text) => /\d\/4/.test(text) && !/waits/.test(text), "work begins: the status bar counts");
  expect(!(await window.warns()), "and warns no more");
  await window.palette("Milepost: Open Mission Control");
  await until(() => window.controlText(), (text) => /0 of 4 assertions|\d of 4 assertions/.test(text), "Mission Control shows completion");
  await until(() => window.statusText(), (text) => /worker/.test(text), "the status bar says who is at work");
  await window.picture("running");
}

async function comeBack(browser, window, editor) {
  await until(() => window.statusText(), (text) => /F3 worker/.test(text), "the worker of F3 is at work");
  await window.palette("Milepost: Pause");
  await until(() => window.statusText(), (text) => /paused/.test(text), "paused by the palette");
  await window.palette("Milepost: Change Budget…");
  await window.answer("How many dollars", "9");
  await until(() => window.statusText(), (text) => /of \$9( |$)/.test(text), "its budget is changed");
  await window.palette("Milepost: Resume");
  await until(() => window.statusText(), (text) => !/paused/.test(text), "and resumed");
  await window.palette("Milepost: Steer…");
  await window.answer("should the orchestrator know", "Keep the page small.");
  await window.close();
  say("journey", "the window is closed");
  const again = await Workbench.open(browser, editor);
  await until(() => again.statusText(), (text) => /\d\/4/.test(text), "opened again: the mission is in the status bar by itself");
  await again.picture("again");
  return again;
}

async function judgement(window) {
  await window.palette("Milepost: Open Mission Control");
  await until(() => window.controlText(), (text) => /M2 round 1\s+failed/.test(text), "a round failed", 120_000);
  await until(() => window.controlText(), (text) => /I\d+ verdict: WEB-001 failed[\s\S]*→ feature F4/.test(text), "what was found, and how the mission answers it");
  await window.picture("failed-round");
  await window.openView();
  await look(() => window.treeRows(), (rows) => rows.some((row) => /WEB-001.*failed/.test(row)), 8000);
  await window.palette("Milepost: Open Contract");
  await until(() => window.lenses(), (lenses) => lenses.some((text) => /failed/.test(text)), "the contract's lens says failed");
  await window.picture("failed-contract");
  await until(() => window.statusText(), (text) => /4\/4 completed/.test(text), "mended, judged again, completed", 180_000);
}

async function looking(window) {
  await window.openView();
  await until(() => window.treeRows(), (rows) => rows.some((row) => /M2 The page sealed/.test(row)), "the tree shows sealed milestones");
  await window.picture("completed");
  const lenses = await until(() => window.lenses(), (all) => all.some((text) => /passed/.test(text)), "lenses say what passed");
  say("lenses", JSON.stringify(lenses.slice(0, 4)));
  await window.clickLine("### DISC-001");
  await window.palette("Show or Focus Hover");
  await until(() => window.hoverText(), (text) => /DISC-001/.test(text) && /passed/.test(text), "hover tells the story of an assertion");
  await window.picture("hover");
  await window.page.keyboard.press("Escape");
  await window.palette("Milepost: Show Diff of Feature…");
  await window.choose("F3");
  await until(() => window.tabs(), (tabs) => tabs.some((tab) => /F3/.test(tab)), "the diff of a feature opens");
  await until(() => window.page.locator(".multiDiffEntry, .diff-editor, .monaco-diff-editor").count(), (count) => count > 0, "in the editor's own diff view");
  await look(() => window.page.locator(".monaco-diff-editor .view-line").count(), (count) => count > 5, 10_000);
  await window.picture("diff");
  await window.palette("Milepost: Open Report");
  await until(() => window.tabs(), (tabs) => tabs.some((tab) => tab.includes("report.md")), "the report opens");
  await window.picture("report");
  await window.closeEditors();
  await window.palette("Milepost: Open Mission Control");
  await until(() => window.controlText(), (text) => /100 %/.test(text), "Mission Control: everything is settled");
  await window.picture("control");
  await window.control().locator("section.matrix").scrollIntoViewIfNeeded();
  await window.picture("control-verdicts");
  await window.control().locator("section.seats").scrollIntoViewIfNeeded();
  await window.picture("control-seats");
  await window.reload();
  await until(() => window.controlText(), (text) => /100 %/.test(text), "and Mission Control with it");
  await window.openView();
  await window.act("M1 Discounts", "Show Diff of Milestone");
  await until(() => window.tabs(), (tabs) => tabs.some((tab) => /M1 Discounts/.test(tab)), "the diff of a milestone opens");
  await until(() => window.page.locator(".monaco-diff-editor .view-line").count(), (count) => count > 5, "with the text of its files");
  await window.status().click();
  await until(() => window.rows(), (rows) => rows.some((row) => /Land…/.test(row)) && rows.some((row) => /Mission Control/.test(row)), "a click on the status bar offers what can be done now");
  await window.picture("status-click");
  await window.page.keyboard.press("Escape");
}

async function landing(window, editor) {
  await window.palette("Milepost: Open Mission Control");
  await window.control().locator("a", { hasText: "request 1" }).click();
  await until(() => window.tabs(), (tabs) => tabs.some((tab) => /E1\.txt/.test(tab)), "a click on evidence opens it");
  await window.picture("evidence");
  await window.palette("Milepost: Open Mission Control");
  await window.control().locator('button[data-command="land"]').click();
  await until(() => window.dialog().innerText(), (text) => /merged into the branch/.test(text), "landing says what it does");
  await window.picture("land");
  await window.press("Land");
  await until(() => window.statusText(), (text) => /landed/.test(text), "landed", 120_000);
  expect(!(await window.warns()), "nothing waits any more");
  await window.picture("landed");
  await window.palette("Preferences: Color Theme");
  await window.choose("Dark Modern");
  await window.palette("Milepost: Open Mission Control");
  await until(() => window.page.locator(".monaco-workbench.vs-dark").count(), (count) => count > 0, "in the dark");
  await until(() => window.controlText(), (text) => /landed/.test(text), "Mission Control is there, too");
  await window.picture("dark");
  await window.palette("Milepost: Open Contract");
  await until(() => window.lenses(), (lenses) => lenses.some((text) => /passed/.test(text)), "and the contract");
  await window.picture("dark-contract");
  expect(editor.refused.length === 0, "the content policy of Mission Control had nothing to refuse", editor.refused);
  const log = execFileSync("git", ["log", "--oneline", "-3"], { cwd: editor.folder, encoding: "utf8" });
  const files = execFileSync("git", ["ls-files", "shop"], { cwd: editor.folder, encoding: "utf8" });
  expect(/shop\/web\.py/.test(files), "the work is in the user's branch", log);
}
