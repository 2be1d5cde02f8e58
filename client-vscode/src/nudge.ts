/** Shows one notification for each nudge, unless the user wants none. */

import * as vscode from "vscode";

import type { Nudge } from "./nudges";
import { commandId } from "./palette";

export async function show(nudge: Nudge): Promise<void> {
  if (vscode.workspace.getConfiguration("milepost").get("notifications") === "none") {
    return;
  }
  const never = "Don't Show Again";
  const chosen = await vscode.window.showInformationMessage(`Milepost: ${nudge.text}`, nudge.button, never);
  if (chosen === nudge.button) {
    await vscode.commands.executeCommand(commandId(nudge.command), { mission: nudge.mission });
  } else if (chosen === never) {
    await vscode.workspace.getConfiguration("milepost").update("notifications", "none", vscode.ConfigurationTarget.Global);
  }
}
