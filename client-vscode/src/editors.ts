/** Tells the server which files have unsaved changes: a mission that works in place is warned of them. */

import * as vscode from "vscode";

import type { Client } from "./client";
import { METHODS } from "./protocol";

const CALM_MS = 400;

export interface Dirty extends vscode.Disposable {
  send(): void;
}

export function followDirty(client: Client): Dirty {
  let last = "";
  let timer: NodeJS.Timeout | undefined;
  const send = (anew: boolean): void => {
    const open = vscode.workspace.textDocuments.filter((document) => document.isDirty && document.uri.scheme === "file");
    const dirty = open.map((document) => document.uri.toString()).sort();
    const now = JSON.stringify(dirty);
    if (client.standing === "running" && (anew || now !== last)) {
      last = now;
      client.notify(METHODS.editorState, { dirty });
    }
  };
  const soon = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => send(false), CALM_MS);
  };
  const listening = vscode.Disposable.from(
    vscode.workspace.onDidChangeTextDocument(soon), vscode.workspace.onDidSaveTextDocument(soon),
    vscode.workspace.onDidCloseTextDocument(soon),
  );
  return {
    send: () => send(true),
    dispose: () => {
      clearTimeout(timer);
      listening.dispose();
    },
  };
}
