/** What helps somebody else to see what went wrong: put into a document that the user reads before passing it on. */

import { homedir } from "node:os";

import * as vscode from "vscode";

import type { Client } from "./client";
import type { Journal } from "./journal";
import type { Missions } from "./missions";
import { redact } from "./redact";
import { RULES } from "./server";

export async function collect(client: Client, missions: Missions, log: Journal, version: string): Promise<void> {
  const { installation, standing, detail } = client;
  const inspected = vscode.workspace.getConfiguration("milepost");
  const settings = ["server.path", "budget", "codeLens.enabled", "inlayHints.enabled", "notifications", "trace.server"];
  const lines = [
    "# Milepost diagnostics", "",
    "Read it before you pass it on: your home folder and what looks like a key were taken out, names of missions were not.", "",
    "## Versions", "",
    `- extension ${version}, VS Code ${vscode.version}, ${process.platform} ${process.arch}, Node ${process.version}`,
    `- server: ${standing}${detail ? `: ${detail}` : ""}`,
    installation ? `- ${installation.command} (${RULES[installation.rule]}): ${installation.version}, protocol ` +
      `${installation.protocolVersions.join(", ")}, Python ${installation.python}` : "- no installation found",
    `- workspace: ${vscode.workspace.isTrusted ? "trusted" : "restricted"}, remote ${vscode.env.remoteName ?? "no"}`, "",
    "## Settings", "",
    ...settings.map((name) => `- milepost.${name}: ${JSON.stringify(inspected.get(name))}`), "",
    "## Missions", "",
    ...missions.statuses.map((each) =>
      `- ${each.mission}: ${each.word} (${each.phase}), revision ${each.revision}, ${each.settled}/${each.assertions}, ` +
      `running ${each.running}, waiting ${each.attention}, health ${each.health}`), "",
    "## Log", "", "```", ...log.recent(), "```", "",
  ];
  const content = redact(lines.join("\n"), homedir());
  const document = await vscode.workspace.openTextDocument({ language: "markdown", content });
  await vscode.window.showTextDocument(document, { preview: false });
}
