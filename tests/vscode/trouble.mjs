// No server, and one of another protocol: each is said in words, with the setting that mends it.
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";

import { CHECKOUT, Editor } from "./editor.mjs";
import { expect, until } from "./expect.mjs";
import { layOut } from "./tape.mjs";
import { Workbench } from "./workbench.mjs";

const PROGRAM = process.env.MILEPOST ?? `${CHECKOUT}/.venv/bin/milepost`;

export async function trouble(browser) {
  const editor = await Editor.make("trouble");
  let window;
  try {
    layOut(editor);
    const other = path.join(editor.root, "another-milepost");
    writeFileSync(other, `#!/bin/sh\necho '{"version": "9.0.0", "protocolVersions": [9], "python": "", "location": ""}'\n`);
    chmodSync(other, 0o755);
    await editor.configure({}, { "milepost.server.path": other });
    await editor.install();
    await editor.start();
    window = await Workbench.open(browser, editor);
    await mismatch(window);
    await gone(window, editor);
    await own(window, editor);
  } catch (error) {
    expect(false, `trouble went on: ${error.message}`, error.stack?.split("\n").slice(1, 4).join(" "));
    await window?.picture("stuck");
  } finally {
    await window?.close();
    await editor.stop();
  }
}

async function mismatch(window) {
  await window.openView();
  await until(() => window.pane().innerText(), (text) => /No server was found/.test(text), "a server of another protocol does not serve");
  expect((await window.notifications()).length === 0, "nobody asked for anything: no notification", await window.notifications());
  await window.palette("Milepost: New Mission…");
  const says = (all) => all.some((text) => /speaks protocol 9; this extension needs 1.*milepost\.server\.path/.test(text));
  await until(() => window.notifications(), says, "who asks for something is told why, and which setting mends it");
  await window.picture("mismatch");
  await window.pressInNotification("speaks protocol 9", "Open the Setting");
  await until(() => window.page.locator(".settings-editor").innerText(), (text) => /Server: Path/.test(text), "and it is a click away");
  await window.picture("setting");
  const settings = window.page.locator(".settings-editor");
  await until(() => window.page.keyboard.press("Escape").then(() => settings.count()), (count) => count === 0, "settings are closed again");
}

async function gone(window, editor) {
  await editor.configure({}, { "milepost.server.path": "/nowhere/milepost" });
  await window.palette("Milepost: Show Logs");
  await until(() => window.output(), (lines) => lines.some((line) => /nowhere.*no such program/.test(line)), "a changed setting is heard of at once");
  await window.palette("Milepost: Doctor");
  await until(() => window.rows(), (rows) => rows.some((row) => /nowhere.*no such program/.test(row)), "the doctor says that there is no such program");
  await window.picture("no-server");
  await window.page.keyboard.press("Escape");
}

async function own(window, editor) {
  const folder = path.join(editor.folder, ".venv/bin");
  mkdirSync(folder, { recursive: true });
  symlinkSync(PROGRAM, path.join(folder, "milepost"));
  await editor.configure({}, {});
  await until(() => window.pane().innerText(), (text) => /Give Milepost a goal/.test(text), "once the setting is gone, the workspace's own serves");
  await window.palette("Milepost: Show Logs");
  await until(() => window.output(), (lines) => lines.some((line) => /found by the workspace's own \.venv/.test(line)), "and the log says which rule won");
  await window.picture("own");
}
