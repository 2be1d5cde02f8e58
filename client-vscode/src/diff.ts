/** What a feature or a milestone changed, in the editor's own diff view. */

import * as vscode from "vscode";

import type { Client } from "./client";
import { type Diff, type DiffFile, METHODS } from "./protocol";

const SCHEME = "milepost-diff";

export class Diffs implements vscode.TextDocumentContentProvider, vscode.Disposable {
  private readonly texts = new Map<string, string>();
  private readonly registrations: vscode.Disposable[];
  private shown = 0;

  constructor(private readonly client: Client) {
    this.registrations = [
      vscode.workspace.registerTextDocumentContentProvider(SCHEME, this),
      vscode.workspace.onDidCloseTextDocument((document) => this.texts.delete(document.uri.toString())),
    ];
  }

  /** Show the changes of a feature or a milestone; `tree` is the URI of the mission's work tree. */
  async show(of: { mission: string; feature?: string; milestone?: string }, tree: string): Promise<void> {
    const { files, title } = await this.client.request<Diff>(METHODS.diff, of);
    if (!files.length) {
      void vscode.window.showInformationMessage(`Milepost: ${title || of.feature || of.milestone} changed no file.`);
      return;
    }
    this.shown += 1;
    const rows = files.map((file) => [label(tree, file), this.side(file, "before"), this.side(file, "after")] as const);
    const [first] = rows;
    if (first && rows.length === 1 && first[1] && first[2]) {
      await vscode.commands.executeCommand("vscode.diff", first[1], first[2], `${title}: ${files[0]?.path}`);
    } else {
      await vscode.commands.executeCommand("vscode.changes", title, rows);
    }
  }

  provideTextDocumentContent(uri: vscode.Uri): string | undefined {
    return this.texts.get(uri.toString());
  }

  dispose(): void {
    for (const registration of this.registrations) {
      registration.dispose();
    }
    this.texts.clear();
  }

  private side(file: DiffFile, which: "before" | "after"): vscode.Uri | undefined {
    const text = file[which];
    if (text === null) {
      return undefined;
    }
    // The path is what the view names the file by; what tells two texts of it apart goes behind it.
    const uri = vscode.Uri.from({ scheme: SCHEME, path: `/${file.path}`, query: `${which}=${this.shown}` });
    this.texts.set(uri.toString(), text);
    return uri;
  }
}

/** The file itself, so that the view names it and can open it. */
function label(tree: string, file: DiffFile): vscode.Uri {
  return tree ? vscode.Uri.joinPath(vscode.Uri.parse(tree, true), file.path) : vscode.Uri.file(`/${file.path}`);
}
