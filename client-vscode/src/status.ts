/** The one item in the status bar, and what a click on it offers. */

import * as vscode from "vscode";

import { can, type Verb } from "./choices";
import type { Client } from "./client";
import type { Missions } from "./missions";
import { commandId, type PaletteName } from "./palette";
import type { MissionStatus } from "./protocol";
import { RULES } from "./server";
import { atWork, foremost, money, statusText, waits } from "./words";

export class StatusItem implements vscode.Disposable {
  private readonly item: vscode.StatusBarItem;
  private readonly server: vscode.LanguageStatusItem;

  constructor(private readonly client: Client, private readonly missions: Missions) {
    this.item = vscode.window.createStatusBarItem("status", vscode.StatusBarAlignment.Left, 50);
    this.item.name = "Milepost";
    this.item.command = "milepost.status.choose";
    this.server = vscode.languages.createLanguageStatusItem("milepost.server", { language: "milepost-contract" });
    this.server.name = "Milepost server";
    this.server.command = { command: commandId("showLogs"), title: "Show Logs" };
    this.show();
  }

  show(): void {
    this.showServer();
    const wanted = vscode.workspace.getConfiguration("milepost").get("statusBar.enabled", true);
    const status = foremost(this.missions.statuses);
    const down = this.client.standing === "missing" || this.client.standing === "stopped";
    if (!wanted || (!status && !down)) {
      this.item.hide();
      return;
    }
    if (!status || down) {
      this.item.text = `$(warning) Milepost: server ${this.client.standing === "missing" ? "not found" : "stopped"}`;
      this.item.tooltip = this.client.detail;
      this.item.backgroundColor = new vscode.ThemeColor("statusBarItem.warningBackground");
    } else {
      const more = this.missions.statuses.filter((each) => each !== status && waits(each)).length;
      this.item.text = statusText(status) + (more ? ` · +${more}` : "");
      this.item.tooltip = tooltip(status);
      this.item.backgroundColor = waits(status) ? new vscode.ThemeColor("statusBarItem.warningBackground") : undefined;
    }
    this.item.show();
  }

  /** What can be done now, by the mission that is shown. */
  async choose(): Promise<void> {
    const chosen = await vscode.window.showQuickPick(offers(this.missions.statuses), {
      title: "Milepost", placeHolder: "What next?", matchOnDescription: true,
    });
    if (chosen?.name) {
      await vscode.commands.executeCommand(commandId(chosen.name), chosen.mission ? { mission: chosen.mission } : undefined);
    }
  }

  dispose(): void {
    this.item.dispose();
    this.server.dispose();
  }

  private showServer(): void {
    const { standing, installation, detail } = this.client;
    this.server.busy = standing === "starting";
    this.server.text = installation ? `Milepost ${installation.version}` : "Milepost";
    this.server.detail = standing === "running" && installation ? RULES[installation.rule] : detail || standing;
    this.server.severity = standing === "missing" || standing === "stopped" ? vscode.LanguageStatusSeverity.Error
      : vscode.LanguageStatusSeverity.Information;
  }
}

function tooltip(status: MissionStatus): string {
  const work = status.seat ? `${atWork(status)}: ${status.doing}` : atWork(status);
  const shown = `${status.settled} of ${status.assertions} assertions settled`;
  return [
    status.title, `${status.landed ? "landed" : status.word}${status.message ? `: ${status.message}` : ""}`,
    status.assertions ? shown : "", work, money(status.dollars, status.budget),
  ].filter(Boolean).join("\n");
}

interface Offer extends vscode.QuickPickItem {
  name?: PaletteName;
  mission?: string;
}

const DEEDS: [Verb, PaletteName, string][] = [
  ["answer", "answer", "$(comment-discussion) Answer…"],
  ["approve", "approve", "$(pass) Approve…"],
  ["returnMission", "returnMission", "$(reply) Return with a comment…"],
  ["run", "run", "$(play) Run"],
  ["resume", "resume", "$(debug-continue) Resume"],
  ["land", "land", "$(git-merge) Land…"],
  ["look", "openControl", "$(dashboard) Mission Control"],
  ["look", "openContract", "$(law) Contract"],
  ["steer", "steer", "$(compass) Steer…"],
  ["pause", "pause", "$(debug-pause) Pause"],
  ["interrupt", "interrupt", "$(debug-stop) Interrupt"],
];

function offers(missions: readonly MissionStatus[]): Offer[] {
  const rows: Offer[] = [];
  for (const status of [...missions].sort((a, b) => Number(waits(b)) - Number(waits(a)))) {
    rows.push({ label: status.mission, kind: vscode.QuickPickItemKind.Separator });
    for (const [verb, name, label] of DEEDS) {
      if (can(status, verb)) {
        rows.push({ label, description: missions.length > 1 ? status.mission : "", name, mission: status.mission });
      }
    }
  }
  rows.push(
    { label: "Milepost", kind: vscode.QuickPickItemKind.Separator },
    { label: "$(add) New mission…", name: "newMission" },
    { label: "$(pulse) Doctor", name: "doctor" },
    { label: "$(output) Logs", name: "showLogs" },
    { label: "$(refresh) Restart server", name: "restart" },
  );
  return rows;
}
