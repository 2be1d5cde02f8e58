/** Opening what a mission wrote down: its documents, and the folder it works in. */

import * as vscode from "vscode";

import type { Client } from "./client";
import { type Document as Written, METHODS } from "./protocol";
import { openPlace } from "./tree";

export async function openDocument(client: Client, mission: string, document: string): Promise<void> {
  const { uri } = await client.request<Written>(METHODS.document, { mission, document });
  await openPlace({ uri });
}

/** A window of its own: the mission's tree is another folder than the user's. */
export async function openWorkTree(tree: string): Promise<void> {
  if (tree) {
    await vscode.commands.executeCommand("vscode.openFolder", vscode.Uri.parse(tree, true), { forceNewWindow: true });
  } else {
    void vscode.window.showInformationMessage("Milepost: this mission has no work tree yet.");
  }
}
