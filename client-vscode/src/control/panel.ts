/** Mission Control as a panel of the editor. What is hidden is thrown away, and drawn from a new picture when shown. */

import * as vscode from "vscode";

import type { Missions } from "../missions";
import { commandId } from "../palette";
import { openPlace } from "../tree";
import { foremost } from "../words";
import { places, read, type ToPage } from "./messages";
import { nonce, page } from "./page";

export const VIEW_TYPE = "milepost.control";

export class MissionControl implements vscode.WebviewPanelSerializer, vscode.Disposable {
  private panel: vscode.WebviewPanel | undefined;
  private mission = "";
  private listening: (() => void)[] = [];
  private sent = "";
  private readonly registration: vscode.Disposable;

  constructor(
    private readonly missions: Missions, private readonly extension: vscode.Uri, private readonly used: () => void,
  ) {
    this.registration = vscode.window.registerWebviewPanelSerializer(VIEW_TYPE, this);
  }

  open(mission: string): void {
    this.mission = mission;
    if (this.panel) {
      this.panel.reveal(undefined, false);
      void this.send(true);
      return;
    }
    const options = { enableScripts: true, localResourceRoots: this.roots() };
    this.adopt(vscode.window.createWebviewPanel(VIEW_TYPE, "Mission Control", vscode.ViewColumn.Active, options));
  }

  /** The window was opened again, and the panel was there before. */
  deserializeWebviewPanel(panel: vscode.WebviewPanel, state: unknown): Promise<void> {
    const kept = typeof state === "object" && state !== null && "mission" in state ? state.mission : "";
    this.mission = typeof kept === "string" ? kept : "";
    panel.webview.options = { enableScripts: true, localResourceRoots: this.roots() };
    this.adopt(panel);
    return Promise.resolve();
  }

  dispose(): void {
    this.registration.dispose();
    this.panel?.dispose();
  }

  private roots(): vscode.Uri[] {
    return [vscode.Uri.joinPath(this.extension, "dist"), vscode.Uri.joinPath(this.extension, "media")];
  }

  private adopt(panel: vscode.WebviewPanel): void {
    this.panel = panel;
    this.used();
    panel.iconPath = new vscode.ThemeIcon("dashboard");
    panel.webview.onDidReceiveMessage((message: unknown) => this.hear(message));
    panel.onDidChangeViewState(() => this.look());
    panel.onDidDispose(() => {
      this.unlisten();
      this.panel = undefined;
    });
    const at = (...parts: string[]): string =>
      panel.webview.asWebviewUri(vscode.Uri.joinPath(this.extension, ...parts)).toString();
    const sources = { script: at("dist", "control.js"), style: at("media", "control.css"), cspSource: panel.webview.cspSource };
    panel.webview.html = page(sources, nonce());
    this.look();
  }

  /** Pictures are taken while the panel is seen, and only then. */
  private look(): void {
    if (this.panel?.visible && !this.listening.length) {
      this.listening = [this.missions.watch(), this.missions.listen(() => void this.send(false))];
    } else if (!this.panel?.visible) {
      this.unlisten();
    }
  }

  private unlisten(): void {
    for (const stop of this.listening.splice(0)) {
      stop();
    }
  }

  private hear(message: unknown): void {
    const said = read(message);
    switch (said?.type) {
      case "ready":
        void this.send(true);
        break;
      case "choose":
        this.mission = said.mission;
        void this.send(true);
        break;
      case "command":
        void vscode.commands.executeCommand(commandId(said.command), said.target);
        break;
      case "open": {
        const view = this.missions.view(this.mission);
        if (view && places(view).has(said.uri)) {
          void openPlace(said);
        }
        break;
      }
      default:
    }
  }

  private async send(anew: boolean): Promise<void> {
    if (!this.panel) {
      return;
    }
    if (!this.missions.status(this.mission)) {
      this.mission = foremost(this.missions.statuses)?.mission ?? "";
    }
    if (anew) {
      this.sent = "";
      if (this.mission) {
        await this.missions.fresh(this.mission).catch(() => undefined); // the last picture is shown then
      }
    }
    const picture = this.missions.view(this.mission);
    const status = this.missions.status(this.mission); // may be newer than the picture
    const view = picture && status ? { ...picture, status } : picture;
    const message: ToPage = view ? { type: "view", view, missions: [...this.missions.statuses] }
      : { type: "blank", text: this.mission ? "One moment …" : "There is no mission in this workspace." };
    const text = JSON.stringify(message);
    if (text !== this.sent) {
      this.sent = text;
      this.panel.title = this.mission ? `Mission Control: ${this.mission}` : "Mission Control";
      await this.panel.webview.postMessage(message);
    }
  }
}
