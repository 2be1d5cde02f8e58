// Somebody new: nothing but the extension, an empty folder, and the recorded demonstration. And what cares for it all:
// doctor, keys, diagnostics; a server that is killed, one that hangs, one that keeps dying.
import path from "node:path";

import { CHECKOUT, Editor } from "./editor.mjs";
import { expect, say, until } from "./expect.mjs";
import { Workbench } from "./workbench.mjs";

const PROGRAM = process.env.MILEPOST ?? `${CHECKOUT}/.venv/bin/milepost`;
const FIVE_MINUTES = 300_000;

export async function newcomer(browser) {
  const began = Date.now();
  const editor = await Editor.make("newcomer");
  let window;
  try {
    await editor.configure({}, { "milepost.server.path": PROGRAM });
    await editor.install();
    await editor.start();
    window = await Workbench.open(browser, editor);
    await walkthrough(window);
    await demo(window, editor);
    expect(Date.now() - began < FIVE_MINUTES, "from the package to a running demo in less than five minutes", Date.now() - began);
    say("newcomer", `${Math.round((Date.now() - began) / 1000)} s from the package to the demo`);
    await toItsEnd(window);
    await care(window);
    await killed(window, editor);
    await hangs(window, editor);
    await keepsDying(window, editor);
  } catch (error) {
    expect(false, `newcomer went on: ${error.message}`, error.stack?.split("\n").slice(1, 4).join(" "));
    await window?.picture("stuck");
  } finally {
    await window?.close();
    await editor.stop();
  }
}

async function walkthrough(window) {
  await window.palette("Welcome: Open Walkthrough...");
  await window.choose("Get Started with Milepost");
  await until(() => window.page.locator(".getting-started-step").count(), (count) => count === 5, "the walkthrough has its steps");
  const beside = window.page.frameLocator("iframe.webview").last().frameLocator("iframe#active-frame");
  await until(() => beside.locator("body").first().innerText({ timeout: 2000 }), (text) => /What a mission needs/.test(text), "and something to read beside them");
  await window.picture("walkthrough");
  await window.closeEditors();
}

async function demo(window, editor) {
  await window.openView();
  await until(() => window.pane().innerText(), (text) => /Play the Demo/.test(text), "the view offers the demo");
  await window.pane().locator(".monaco-button", { hasText: "Play the Demo" }).click();
  const folder = path.join(editor.home, "milepost-demo");
  await until(() => window.quickInput().inputValue(), (value) => value === folder, "a folder is offered");
  await window.picture("demo-folder");
  await window.page.keyboard.press("Enter");
  await until(() => window.statusText(), (text) => /^mazes/.test(text), "the demo plays, and the status bar follows it");
  await until(() => window.controlText(), (text) => /\d+ of 17 assertions/.test(text), "Mission Control opens by itself");
  await window.picture("demo-plays");
}

async function toItsEnd(window) {
  await until(() => window.controlText(), (text) => /completed[\s\S]*100 %[\s\S]*17 of 17 assertions/.test(text), "Mission Control, to the end", 900_000);
  await window.picture("demo");
  for (const section of ["plan", "matrix", "handoffs", "rounds"]) {
    await window.control().locator(`section.${section}`).evaluate((element) => element.scrollIntoView());
    await window.picture(`demo-${section}`);
  }
}

async function care(window) {
  await window.palette("Milepost: Doctor");
  await until(() => window.rows(), (rows) => rows.some((row) => /found by the setting/.test(row)) && rows.length > 5, "the doctor says what is there");
  await window.picture("doctor");
  await window.page.keyboard.press("Escape");
  await window.palette("Milepost: Doctor");
  await window.choose("none is in the environment");
  await window.choose("ANTHROPIC_API_KEY");
  await window.answer("kept in the editor's secret storage", "not-a-real-key-0123456789");
  await window.palette("Milepost: Set API Key…");
  await until(() => window.rows(), (rows) => rows.some((row) => /ANTHROPIC_API_KEY\s*kept/.test(row)), "a key is kept");
  await window.picture("keys");
  await window.page.keyboard.press("Escape");
  await window.palette("Milepost: Collect Diagnostics");
  await until(() => window.lines(), (lines) => lines.some((line) => line.includes("# Milepost diagnostics")), "diagnostics are collected into a document");
  expect(!(await window.lines()).some((line) => line.includes("not-a-real-key")), "without the key");
  await window.picture("diagnostics");
}

const servers = (editor) => editor.processes("lsp");

async function killed(window, editor) {
  await window.show(path.join(editor.home, "milepost-demo"));
  await until(() => window.statusText(), (text) => /mazes 17\/17 completed/.test(text), "the demo's own folder shows it, too");
  await window.openView();
  await until(async () => servers(editor), (now) => now.length === 1, "one server for one window");
  const [first] = servers(editor);
  process.kill(first, "SIGKILL");
  await until(async () => servers(editor), (now) => now.length === 1 && now[0] !== first, "killed: another server is started");
  await until(() => window.treeRows(), (rows) => rows.some((row) => /mazes completed/.test(row)), "it tells its missions");
  await until(() => window.statusText(), (text) => /mazes 17\/17 completed/.test(text), "and the status bar knows the mission again");
}

async function hangs(window, editor) {
  await window.palette("Milepost: Doctor");
  await until(() => window.rows(), (rows) => rows.length > 5, "it answers");
  await window.page.keyboard.press("Escape");
  const [first] = servers(editor);
  process.kill(first, "SIGSTOP");
  await until(async () => servers(editor), (now) => now.length === 1 && now[0] !== first, "hanging: it is ended, and another one started", 90_000);
  await window.palette("Milepost: Show Logs");
  await until(() => window.output(), (lines) => lines.some((line) => line.includes("did not answer for 30 s")), "and the log says why");
  await window.picture("log");
}

async function keepsDying(window, editor) {
  for (let last = 0; ; ) {
    const stopped = async () => /server stopped/.test(await window.statusText());
    await until(async () => (await stopped()) || servers(editor).some((id) => id !== last), Boolean, "it was started again, or is left alone");
    if (await stopped()) {
      break;
    }
    [last] = servers(editor).filter((id) => id !== last);
    process.kill(last, "SIGKILL");
  }
  await until(() => window.statusText(), (text) => /server stopped/.test(text), "a server that keeps dying is left alone, and the status bar says so");
  await until(() => window.pane().innerText(), (text) => /server stopped. Missions go on without it/.test(text), "the tree says what that means");
  await window.picture("stopped");
  await window.pane().locator(".monaco-button", { hasText: "Start It Again" }).click();
  await until(() => window.statusText(), (text) => /mazes 17\/17 completed/.test(text), "started again by a click");
}
