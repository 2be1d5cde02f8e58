// Restricted Mode: one can look, nothing is started; and once trust is granted, everything works.
import { execFileSync } from "node:child_process";

import { CHECKOUT, Editor } from "./editor.mjs";
import { expect, until } from "./expect.mjs";
import { layOut } from "./tape.mjs";
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
    const model = layOut(editor);
    // What a repository says about which program runs must not count.
    execFileSync("mkdir", ["-p", ".vscode"], { cwd: editor.folder });
    execFileSync("sh", ["-c", `printf '{"milepost.server.path": "/tmp/of-the-repository"}' > .vscode/settings.json`], { cwd: editor.folder });
    await editor.configure(TRUST, { "milepost.server.path": PROGRAM, "milepost.model": model });
    await editor.install();
    await editor.start();
    window = await Workbench.open(browser, editor);
    await until(() => window.page.locator('.statusbar-item[id="status.workspaceTrust"]').innerText(), (text) => /Restricted Mode/.test(text), "the window is restricted");
    await window.openView();
    await until(() => window.pane().innerText(), (text) => /Restricted Mode: missions can be looked at/.test(text), "the tree says what that means");
    await window.picture("restricted");
    await window.palette("Milepost: New Mission…");
    await until(() => window.notifications(), (all) => all.some((text) => /starts, approves and lands nothing/.test(text)), "no mission is started");
    await window.palette("Milepost: Show Logs");
    await until(() => window.lines(), (lines) => lines.some((line) => line.includes("found by the setting")), "the user's own setting chose the server");
    expect(!(await window.lines()).some((line) => line.includes("of-the-repository")), "the repository's setting did not");
    await window.picture("log");
    await window.palette("Workspaces: Manage Workspace Trust");
    await window.page.locator(".workspace-trust-editor .monaco-button", { hasText: /^Trust$/ }).first().click();
    await until(() => window.pane().innerText(), (text) => !/Restricted Mode/.test(text), "trusted");
    await window.picture("trusted");
  } catch (error) {
    expect(false, `restricted went on: ${error.message}`);
    await window?.picture("stuck");
  } finally {
    await window?.close();
    await editor.stop();
  }
}
