/**
 * Puts the extension together. The editor wakes it in a repository, and the server is started at once: whether there is
 * a mission that waits for somebody, only the server knows.
 */

import * as vscode from "vscode";

import { Client } from "./client";
import { collect } from "./collect";
import { register } from "./commands";
import { MissionControl } from "./control/panel";
import { Diffs } from "./diff";
import { seeDoctor } from "./doctor";
import { followDirty } from "./editors";
import { Journal } from "./journal";
import { Missions } from "./missions";
import { show } from "./nudge";
import { Nudges } from "./nudges";
import { Desk, openSetting } from "./orders";
import { can } from "./choices";
import { METHODS, type StatusParams } from "./protocol";
import { Keys } from "./secrets";
import { StatusItem } from "./status";
import { MissionTree, openPlace } from "./tree";
import { followTrust } from "./trust";

let ending: () => Promise<void> = () => Promise.resolve();

/** The server is told to leave, and its last words still have a log to go to. */
export function deactivate(): Promise<void> {
  return ending();
}

export function activate(context: vscode.ExtensionContext): void {
  const log = new Journal("Milepost");
  const trace = new Journal("Milepost Trace");
  const nudges = new Nudges();
  const missions = new Missions(
    (params) => client.pull(METHODS.snapshot, params), (error) => log.warn(`snapshot: ${String(error)}`),
  );
  const told = (status: StatusParams): void => {
    missions.see(status);
    for (const nudge of nudges.next(status.missions)) {
      void show(nudge);
    }
  };
  const started = (): void => {
    void missions.begin();
    void keys.handOver().catch((error: unknown) => log.warn(`keys: ${String(error)}`));
    dirty.send();
  };
  const client: Client = new Client(log, trace, {
    told, started, changed: (changed) => missions.invalidate(changed), chosen: (command, args) => desk.chosen(command, args),
  });
  const desk = new Desk(client);
  const keys = new Keys(context.secrets, client);
  const dirty = followDirty(client);
  const needed = (): void => void client.ensure();
  const diffs = new Diffs(client);
  const control = new MissionControl(missions, context.extensionUri, needed);
  const status = new StatusItem(client, missions);
  const tree = new MissionTree(missions, needed);

  const draw = (): void => {
    status.show();
    tree.refresh();
    setKeys(client, missions);
  };
  missions.listen(draw);
  draw();

  const tools = {
    client, missions, desk, diffs, control,
    doctor: () => seeDoctor(client, () => keys.ask()), setKey: () => keys.ask(), showLogs: () => log.show(),
    collect: () => collect(client, missions, log, String(context.extension.packageJSON.version)),
  };
  context.subscriptions.push(
    client, diffs, control, status, tree, dirty,
    client.onDidChange(() => (["missing", "stopped"].includes(client.standing) ? missions.clear() : draw())),
    followTrust(client, () => void keys.handOver()),
    vscode.commands.registerCommand("milepost.status.choose", () => status.choose()),
    vscode.commands.registerCommand("milepost.tree.open", openPlace),
    vscode.commands.registerCommand("milepost.setting.open", openSetting),
    vscode.workspace.onDidChangeConfiguration((change) => {
      if (change.affectsConfiguration("milepost.server.path") && client.standing !== "idle") {
        void client.reconsider();
      } else if (change.affectsConfiguration("milepost")) {
        client.refresh();
        draw();
      }
    }),
    ...register(tools), log, trace,
  );
  ending = () => client.stop();
  needed();
}

/** What `when` clauses of the manifest ask for. */
function setKeys(client: Client, missions: Missions): void {
  const values: Record<string, unknown> = {
    "milepost.server": client.standing,
    "milepost.missions": missions.statuses.length,
    "milepost.canApprove": missions.statuses.some((status) => can(status, "approve")),
  };
  for (const [key, value] of Object.entries(values)) {
    void vscode.commands.executeCommand("setContext", key, value);
  }
}
