// Restricted Mode: a mission can be looked at, nothing is started or landed, and what the repository sets does not count.
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";

import { CHECKOUT, Editor } from "./editor.mjs";
import { expect, until } from "./expect.mjs";
import { layOutMission } from "./tape.mjs";
import { Workbench } from "./workbench.mjs";

const PROGRAM = process.env.MILEPOST ?? `${CHECKOUT}/.venv/bin/milepost`;
const TRUST = {
  "security.workspace.trust.enabled": true, "security.workspace.trust.startupPrompt": "never",
  "security.workspace.trust.untrustedFiles": "open",
};

export async function restricted(browser) {
  const editor = await Editor.make("restricted");
  let window;
  try {
    layOut(editor);
    await editor.configure(TRUST, { "milepost.server.path": PROGRAM });
    await editor.install();
    await editor.start();
    window = await Workbench.open(browser, editor);
    await until(() => window.page.locator('.statusbar-item[id="status.workspaceTrust"]').innerText(), (text) => /Restricted Mode/.test(text), "the window is restricted");
    await looks(window);
    await startsNothing(window);
    await trusts(window);
  } catch (error) {
    expect(false, `restricted went on: ${error.message}`, error.stack?.split("\n").slice(1, 4).join(" "));
    await window?.picture("stuck");
  } finally {
    await window?.close();
    await editor.stop();
  }
}

/** A repository with a mission that ended, and with settings and a program of its own that nobody trusts. */
function layOut(editor) {
  layOutMission(editor, PROGRAM);
  mkdirSync(path.join(editor.folder, ".vscode"));
  writeFileSync(path.join(editor.folder, ".vscode/settings.json"), JSON.stringify({ "milepost.server.path": "/tmp/of-the-repository" }));
  mkdirSync(path.join(editor.folder, ".venv/bin"), { recursive: true });
  symlinkSync("/bin/false", path.join(editor.folder, ".venv/bin/milepost"));
}

async function looks(window) {
  await until(() => window.statusText(), (text) => /shop 4\/4 completed/.test(text), "the mission is shown");
  await window.openView();
  await until(() => window.treeRows(), (rows) => rows.some((row) => /M2 The page sealed/.test(row)), "in the tree, too");
  await window.palette("Milepost: Open Mission Control");
  await until(() => window.controlText(), (text) => /4 of 4 assertions/.test(text), "and in Mission Control");
  await window.palette("Milepost: Open Contract");
  await until(() => window.lenses(), (lenses) => lenses.some((text) => /passed/.test(text)), "and in its contract");
  await window.picture("looks");
  await window.palette("Milepost: Show Logs");
  await until(() => window.output(), (lines) => lines.some((line) => line.includes("found by the setting")), "the user's own setting chose the server");
  expect(!(await window.output()).some((line) => /of-the-repository|\.venv\/bin\/milepost \(/.test(line)), "nothing of the repository was tried");
  await window.palette("View: Hide Panel");
}

async function startsNothing(window) {
  for (const title of ["New Mission…", "Land…", "Play the Demo", "Set API Key…"]) {
    await window.palette(`Milepost: ${title}`);
    await until(() => window.notifications(), (all) => all.some((text) => /starts, approves and lands nothing/.test(text)), `refused, and said so: ${title}`);
    await window.clearNotifications();
  }
  await window.page.locator(".codelens-decoration a", { hasText: "recheck" }).first().click();
  await until(() => window.notifications(), (all) => all.some((text) => /starts, approves and lands nothing/.test(text)), "a lens starts nothing either");
  await window.picture("refused");
  await window.clearNotifications();
}

/** Whoever trusts a repository lets it run its tests: which program serves the window, it does not choose even then. */
async function trusts(window) {
  await window.palette("Workspaces: Manage Workspace Trust");
  await window.page.locator(".workspace-trust-editor .monaco-button", { hasText: /^Trust$/ }).first().click();
  const trusted = () => window.page.locator('.statusbar-item[id="status.workspaceTrust"]').count();
  await until(trusted, (count) => count === 0, "trusted");
  await window.palette("Milepost: Land…");
  await until(() => window.dialog().innerText(), (text) => /Land shop\?/.test(text), "now it can be landed");
  await window.picture("trusted");
  await window.press("Cancel");
  const asked = window.page.locator(".workspace-trust-editor");
  await until(() => window.page.keyboard.press("Escape").then(() => asked.count()), (count) => count === 0, "what asked for trust is closed");
  await window.palette("Milepost: Restart Server");
  await window.palette("Milepost: Show Logs");
  const served = (lines) => lines.filter((line) => line.includes("found by the setting")).length;
  await until(() => window.output(), (lines) => served(lines) > 1, "started again: by the user's own setting");
  expect(!(await window.output()).some((line) => /of-the-repository/.test(line)), "a trusted repository names no program either");
}
