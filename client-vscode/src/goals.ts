/** Where missions begin: a goal, its limit and its place; and the recorded one. */

import { homedir } from "node:os";
import * as path from "node:path";

import * as vscode from "vscode";

import type { Missions } from "./missions";
import type { Desk } from "./orders";
import { required } from "./orders";
import { amount } from "./words";

/** A repository is made, and the runner started: seconds. */
const DEMO_MS = 30_000;

export async function newMission(desk: Desk): Promise<void> {
  const folder = await repository();
  if (!folder) {
    return;
  }
  const goal = await vscode.window.showInputBox({
    title: "Milepost: New Mission (1 of 3)", ignoreFocusOut: true, validateInput: required, value: selected(),
    prompt: "What do you want, in your own words? What is unclear you will be asked.",
    placeHolder: "Let guests check out without an account",
  });
  const budget = goal && (await askBudget("Milepost: New Mission (2 of 3)", settings().get("budget", 20)));
  const inPlace = budget === undefined || budget === "" ? undefined : await askPlace();
  if (!goal || budget === undefined || budget === "" || inPlace === undefined) {
    return;
  }
  const [model, apiBase] = [settings().get("model", "").trim(), settings().get("apiBase", "").trim()];
  await desk.give("newMission", {
    goal: goal.trim(), folder: folder.uri.toString(), budget, inPlace, ...(model ? { model } : {}),
    ...(model && apiBase ? { apiBase } : {}),
  });
}

/** Dollars, or undefined where the user went away. */
export async function askBudget(title: string, offered: number | null): Promise<number | undefined> {
  const said = await vscode.window.showInputBox({
    title, prompt: "How many dollars at most? It is never exceeded: the next call is refused instead.",
    value: offered === null ? "" : String(offered), ignoreFocusOut: true,
    validateInput: (text) => (amount(text) === undefined ? "Expected a number such as 20 or 7.50." : undefined),
  });
  return said === undefined ? undefined : amount(said);
}

async function askPlace(): Promise<boolean | undefined> {
  const rows = [
    {
      label: "$(repo-clone) On a private clone", inPlace: false,
      detail: "In a folder of its own. Nothing of yours changes until you land the result.",
    },
    {
      label: "$(folder) In the open folder itself", inPlace: true,
      detail: "With your files as they are now. You and Milepost then work in the same place.",
    },
  ];
  const title = "Milepost: New Mission (3 of 3)";
  return (await vscode.window.showQuickPick(rows, { title, placeHolder: "Where?", ignoreFocusOut: true }))?.inPlace;
}

async function repository(): Promise<vscode.WorkspaceFolder | undefined> {
  const folders = (vscode.workspace.workspaceFolders ?? []).filter((each) => each.uri.scheme === "file");
  if (!folders.length) {
    const open = "Open Folder";
    if ((await vscode.window.showInformationMessage("Milepost works in a repository: open its folder.", open)) === open) {
      await vscode.commands.executeCommand("vscode.openFolder");
    }
    return undefined;
  }
  return folders.length === 1 ? folders[0] : vscode.window.showWorkspaceFolderPick({ placeHolder: "In which repository?" });
}

/** What is selected in an editor is a goal that somebody wrote down already. */
function selected(): string | undefined {
  const editor = vscode.window.activeTextEditor;
  const text = editor && !editor.selection.isEmpty ? editor.document.getText(editor.selection).trim() : "";
  return text.length > 12 ? text.replace(/\s+/g, " ") : undefined;
}

/** Play the demonstration: this window shows it, whatever folder it has open. */
export async function playDemo(desk: Desk, missions: Missions, look: (mission: string) => void): Promise<void> {
  const said = await vscode.window.showInputBox({
    title: "Milepost: Play the Demo", ignoreFocusOut: true, validateInput: required,
    prompt: "A folder that is empty, or not there yet. A small repository is made in it, and a recorded mission played.",
    value: path.join(homedir(), "milepost-demo"),
  });
  if (!said?.trim()) {
    return;
  }
  const folder = vscode.Uri.file(said.trim().replace(/^~(?=\/)/, homedir()));
  const known = new Set(missions.statuses.map((status) => status.mission));
  if (!(await desk.give("demo", { folder: folder.toString() }))) {
    return;
  }
  const begun = await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Window, title: "Milepost: the demo begins" },
    () => missions.until((status) => !known.has(status.mission), DEMO_MS),
  );
  if (!begun) {
    return; // where it was refused, the server says so itself
  }
  look(begun.mission);
  const open = "Open Its Folder";
  const message = `Milepost: the demo plays in ${folder.fsPath}, and is shown here.`;
  if ((await vscode.window.showInformationMessage(message, open)) === open) {
    await vscode.commands.executeCommand("vscode.openFolder", folder, { forceNewWindow: true });
  }
}

function settings(): vscode.WorkspaceConfiguration {
  return vscode.workspace.getConfiguration("milepost");
}
