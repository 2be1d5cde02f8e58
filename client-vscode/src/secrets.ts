/** API keys: kept in the editor's secret storage, handed over in memory, and only in a trusted workspace. */

import * as vscode from "vscode";

import type { Client } from "./client";
import { complain } from "./orders";
import { METHODS } from "./protocol";

const PREFIX = "milepost.key.";
const USUAL = ["ANTHROPIC_API_KEY", "OPENAI_API_KEY", "GEMINI_API_KEY", "XAI_API_KEY", "OPENROUTER_API_KEY"];
const NAME = /^[A-Z][A-Z0-9_]*$/;

export class Keys {
  constructor(private readonly storage: vscode.SecretStorage, private readonly client: Client) {}

  /** Names of the keys that are kept; never their values. */
  async names(): Promise<string[]> {
    const kept = await this.storage.keys();
    return kept.filter((name) => name.startsWith(PREFIX)).map((name) => name.slice(PREFIX.length)).sort();
  }

  /** Hand all of them to the server that just started, or hears of a new one. */
  async handOver(): Promise<void> {
    const names = await this.names();
    if (!vscode.workspace.isTrusted || this.client.standing !== "running") {
      return;
    }
    const keys: Record<string, string> = {};
    for (const name of names) {
      const value = await this.storage.get(PREFIX + name);
      if (value) {
        keys[name] = value;
      }
    }
    await this.client.pull(METHODS.keys, { keys });
  }

  /** The dialog: which key, and what it is. An empty one takes the key away. */
  async ask(): Promise<void> {
    const kept = new Set(await this.names());
    const name = await this.askName(kept);
    if (!name) {
      return;
    }
    const value = await vscode.window.showInputBox({
      title: `Milepost: ${name}`, password: true, ignoreFocusOut: true,
      prompt: kept.has(name) ? "The new key. Leave it empty to forget the one that is kept."
        : "The key. It is kept in the editor's secret storage, and never written to a file of Milepost's.",
    });
    if (value === undefined || (!value.trim() && !kept.has(name))) {
      return;
    }
    try {
      await (value.trim() ? this.storage.store(PREFIX + name, value.trim()) : this.storage.delete(PREFIX + name));
      await this.handOver();
      vscode.window.setStatusBarMessage(`$(check) Milepost: ${name} is ${value.trim() ? "kept" : "forgotten"}`, 5000);
    } catch (error) {
      complain(error);
    }
  }

  private async askName(kept: ReadonlySet<string>): Promise<string | undefined> {
    const other = "Another one…";
    const rows = [...new Set([...kept, ...USUAL])].map((label) => ({
      label, description: kept.has(label) ? "kept" : "", iconPath: new vscode.ThemeIcon(kept.has(label) ? "key" : "circle-outline"),
    }));
    const chosen = await vscode.window.showQuickPick([...rows, { label: other, description: "" }], {
      title: "Milepost: Set API Key", placeHolder: "Whose key? It is named as the provider's environment variable.",
    });
    if (chosen?.label !== other) {
      return chosen?.label;
    }
    return vscode.window.showInputBox({
      title: "Milepost: Set API Key", prompt: "Name of the environment variable, such as MISTRAL_API_KEY",
      validateInput: (text) => (NAME.test(text) ? undefined : "Expected capital letters, digits and underscores."),
    });
  }
}
