/** Restricted Mode, enforced where things are done: a command can be called whatever the menus hide. */

import * as vscode from "vscode";

import type { Client } from "./client";
import { METHODS } from "./protocol";

/** Whether the workspace is trusted; where it is not, the user is told what that means here. */
export async function expectTrust(): Promise<boolean> {
  if (vscode.workspace.isTrusted) {
    return true;
  }
  const manage = "Manage Workspace Trust";
  const chosen = await vscode.window.showWarningMessage(
    "Milepost starts, approves and lands nothing in Restricted Mode: a mission runs the repository's own tests.", manage,
  );
  if (chosen === manage) {
    await vscode.commands.executeCommand("workbench.trust.manage");
  }
  return vscode.workspace.isTrusted;
}

/** Tell the server once trust is granted, and what may follow from it. */
export function followTrust(client: Client, granted: () => void): vscode.Disposable {
  return vscode.workspace.onDidGrantWorkspaceTrust(async () => {
    await client.reconsider();
    client.notify(METHODS.trust, { trusted: true });
    granted();
  });
}
