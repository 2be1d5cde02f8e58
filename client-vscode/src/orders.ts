/** Orders to the server: asked for what they lack, sent, and their answer told. */

import * as vscode from "vscode";

import type { Client } from "./client";
import { type Accepted, COMMANDS, type Commands } from "./protocol";
import { SETTING } from "./server";
import { expectTrust } from "./trust";

export class Desk {
  constructor(private readonly client: Client) {}

  /** Give an order that the user asked for. True where it was accepted; what went wrong is shown. */
  async give<O extends keyof Commands>(order: O, args: Commands[O]): Promise<boolean> {
    if (!(await expectTrust())) {
      return false;
    }
    return (await this.send(COMMANDS[order], args)) !== undefined;
  }

  /**
   * A lens, a code action or a hover was chosen: the server made its arguments. `ask` names the one that is missing,
   * and that only the user has words for. Returns what the server answered.
   */
  async chosen(command: string, args: unknown[]): Promise<unknown> {
    const given = typeof args[0] === "object" && args[0] !== null ? { ...(args[0] as Record<string, unknown>) } : {};
    if (command !== COMMANDS.open && !(await expectTrust())) {
      return undefined;
    }
    if (typeof given.ask === "string") {
      const { ask, ...rest } = given;
      const words = await vscode.window.showInputBox({
        title: "Milepost", prompt: question(command, ask as string), ignoreFocusOut: true, validateInput: required,
      });
      return words?.trim() ? this.send(command, { ...rest, [ask as string]: words.trim() }) : undefined;
    }
    return this.send(command, given);
  }

  private async send(command: string, args: unknown): Promise<Accepted | undefined> {
    try {
      const answer = await this.client.request<Accepted | null>("workspace/executeCommand", { command, arguments: [args] });
      if (answer?.message) {
        vscode.window.setStatusBarMessage(`$(check) Milepost: ${answer.message}`, 5000);
      }
      return answer ?? { accepted: true, id: "", revision: 0, message: "" };
    } catch (error) {
      complain(error);
      return undefined;
    }
  }
}

function question(command: string, ask: string): string {
  const order = command.replace("milepost.", "");
  return ask === "reason" ? `Why? It stays in the record (${order}).` : `What is the ${ask}? (${order})`;
}

export function required(text: string): string | undefined {
  return text.trim() ? undefined : "Some words are needed.";
}

/** Show what went wrong with something that the user asked for; where a setting mends it, it is a click away. */
export function complain(error: unknown): void {
  const message = error instanceof Error ? error.message : String(error);
  const mend = message.includes(SETTING) ? ["Open the Setting"] : [];
  const shown = vscode.window.showErrorMessage(message.startsWith("Milepost") ? message : `Milepost: ${message}`, ...mend);
  void shown.then((chosen) => (chosen ? openSetting() : undefined));
}

/** The setting that names the server. A remote window keeps those of its machine in a tab of their own. */
export async function openSetting(): Promise<void> {
  const where = vscode.env.remoteName ? "workbench.action.openRemoteSettings" : "workbench.action.openSettings";
  await vscode.commands.executeCommand(where, { query: SETTING });
}
