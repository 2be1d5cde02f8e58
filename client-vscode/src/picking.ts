/** Which mission, feature, assertion: taken from what was clicked, or asked for where there is a choice. */

import * as vscode from "vscode";

import type { Target } from "./branches";
import { fitting, none, type Verb } from "./choices";
import type { Missions } from "./missions";
import type { AssertionView, FeatureView, MilestoneView, MissionStatus, MissionView } from "./protocol";
import { assertionLook, missionIcon, short, workLook } from "./words";

/** What a command was called with: a tree row, a button of Mission Control, a mission's name; or nothing. */
export function targetOf(argument: unknown): Partial<Target> {
  if (typeof argument !== "object" || argument === null) {
    return {};
  }
  const given = "target" in argument && typeof argument.target === "object" ? argument.target : argument;
  const names = ["mission", "milestone", "feature", "assertion", "item"] as const;
  const found = names.map((name) => [name, (given as Record<string, unknown>)[name]] as const);
  return Object.fromEntries(found.filter(([, value]) => typeof value === "string" && value));
}

export class Picker {
  constructor(private readonly missions: Missions) {}

  /** The mission that an order is for; where none fits, the user is told so. */
  async mission(target: Partial<Target>, verb: Verb): Promise<MissionStatus | undefined> {
    const named = target.mission ? this.missions.status(target.mission) : undefined;
    const chosen = named ? fitting([named], verb) : fitting(this.missions.statuses, verb);
    if (chosen.length < 2) {
      if (!chosen.length) {
        void vscode.window.showInformationMessage(`Milepost: ${none(verb)}`);
      }
      return chosen[0];
    }
    const rows = chosen.map((status) => ({
      label: `$(${missionIcon(status)}) ${status.mission}`, description: status.landed ? "landed" : status.word,
      detail: short(status.title, 100), status,
    }));
    return (await vscode.window.showQuickPick(rows, { title: "Milepost: which mission?", matchOnDetail: true }))?.status;
  }

  async feature(view: MissionView, known?: string): Promise<FeatureView | undefined> {
    const rows = view.features.filter((each) => each.commits.length).map((feature) => ({
      label: `${feature.id} ${feature.title}`, description: workLook(feature.status).word, value: feature, id: feature.id,
    }));
    return one(rows, known, "which feature?", "No feature has a commit yet.");
  }

  async milestone(view: MissionView, known?: string): Promise<MilestoneView | undefined> {
    const begun = new Set(view.features.filter((each) => each.commits.length).map((each) => each.milestone));
    const rows = view.milestones.filter((each) => begun.has(each.id)).map((milestone) => ({
      label: `${milestone.id} ${milestone.title}`, description: workLook(milestone.status).word, value: milestone,
      id: milestone.id,
    }));
    return one(rows, known, "which milestone?", "No milestone has a commit yet.");
  }

  async assertion(view: MissionView, known?: string): Promise<AssertionView | undefined> {
    const live = view.assertions.filter((each) => !["removed", "waived"].includes(each.status));
    return one(assertionRows(live), known, "which assertion?", "The contract has no assertion that could be waived.");
  }

  /** Assertions that are judged again; undefined where the user went away. */
  async judged(view: MissionView, known?: string): Promise<string[] | undefined> {
    if (known) {
      return [known];
    }
    const judged = view.assertions.filter((each) => !["pending", "removed", "waived"].includes(each.status));
    if (!judged.length) {
      void vscode.window.showInformationMessage("Milepost: nothing was judged yet.");
      return undefined;
    }
    const rows = assertionRows(judged).map((row) => ({ ...row, picked: row.value.stale }));
    const chosen = await vscode.window.showQuickPick(rows, {
      title: "Milepost: what is to be judged again?", canPickMany: true, matchOnDescription: true,
    });
    return chosen?.length ? chosen.map((row) => row.id) : undefined;
  }
}

function assertionRows(assertions: readonly AssertionView[]) {
  return assertions.map((assertion) => {
    const look = assertionLook(assertion);
    return {
      label: `$(${look.icon}) ${assertion.id} ${assertion.title}`, description: look.word, value: assertion, id: assertion.id,
    };
  });
}

interface Row<T> extends vscode.QuickPickItem {
  id: string;
  value: T;
}

async function one<T>(rows: Row<T>[], known: string | undefined, title: string, empty: string): Promise<T | undefined> {
  const named = known ? rows.find((row) => row.id === known) : undefined;
  if (named) {
    return named.value;
  }
  if (!rows.length) {
    void vscode.window.showInformationMessage(`Milepost: ${empty}`);
    return undefined;
  }
  const chosen = await vscode.window.showQuickPick(rows, { title: `Milepost: ${title}`, matchOnDescription: true });
  return chosen?.value;
}
