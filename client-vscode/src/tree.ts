/** The tree of missions in the side bar: `branches.ts` says what it shows. */

import * as vscode from "vscode";

import { type Branch, branches } from "./branches";
import type { Missions } from "./missions";

export class MissionTree implements vscode.TreeDataProvider<Branch>, vscode.Disposable {
  private readonly changes = new vscode.EventEmitter<void>();
  readonly onDidChangeTreeData = this.changes.event;
  private readonly view: vscode.TreeView<Branch>;
  private unwatch: (() => void) | undefined;
  private shown = "";

  constructor(private readonly missions: Missions, used: () => void) {
    this.view = vscode.window.createTreeView("milepost.missions", { treeDataProvider: this, showCollapseAll: true });
    const look = (): void => {
      if (this.view.visible) {
        used();
        this.unwatch ??= this.missions.watch();
      } else {
        this.unwatch?.();
        this.unwatch = undefined;
      }
    };
    this.view.onDidChangeVisibility(look);
    look();
  }

  /** Draw again where something that is shown differs. */
  refresh(): void {
    const waiting = this.missions.statuses.reduce((sum, status) => sum + status.attention, 0);
    this.view.badge = waiting ? { value: waiting, tooltip: "waiting for you" } : undefined;
    const now = JSON.stringify(this.roots());
    if (now !== this.shown) {
      this.shown = now;
      this.changes.fire();
    }
  }

  getChildren(branch?: Branch): Branch[] {
    return branch ? branch.children : this.roots();
  }

  getTreeItem(branch: Branch): vscode.TreeItem {
    const state = vscode.TreeItemCollapsibleState;
    const folded = branch.unfolded ? state.Expanded : state.Collapsed;
    const item = new vscode.TreeItem(branch.label, branch.children.length ? folded : state.None);
    // The editor keeps a row folded that had nothing below it: with its first child it is another row.
    item.id = branch.children.length ? branch.key : `${branch.key}~`;
    item.description = branch.description;
    item.tooltip = branch.tooltip;
    item.contextValue = branch.context;
    item.iconPath = branch.icon
      ? new vscode.ThemeIcon(branch.icon, branch.color ? new vscode.ThemeColor(branch.color) : undefined) : undefined;
    item.accessibilityInformation = { label: `${branch.label}, ${branch.description}` };
    if (branch.runs) {
      item.command = { command: branch.runs, title: "Open", arguments: [branch.target] };
    } else if (branch.opens) {
      item.command = { command: "milepost.tree.open", title: "Open", arguments: [branch.opens] };
    }
    return item;
  }

  dispose(): void {
    this.unwatch?.();
    this.view.dispose();
  }

  private roots(): Branch[] {
    return branches(this.missions.statuses, (mission) => this.missions.view(mission));
  }
}

/** Open what a row points at. */
export async function openPlace(place: { uri: string; line?: number }): Promise<void> {
  const at = place.line === undefined ? undefined : new vscode.Range(place.line, 0, place.line, 0);
  await vscode.commands.executeCommand("vscode.open", vscode.Uri.parse(place.uri, true), { selection: at, preview: true });
}
