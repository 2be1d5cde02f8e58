/** What is agreed before work begins, and what is taken at its end: the dialogs of approving, returning and landing. */

import * as vscode from "vscode";

import type { Desk } from "./orders";
import { required } from "./orders";
import { proposal } from "./proposal";
import type { FeatureView, MissionView } from "./protocol";
import { count } from "./words";

const APPROVE = "Approve", CONTRACT = "Open Contract", RETURN = "Return with Comment…";

export async function approve(desk: Desk, view: MissionView, openContract: () => Thenable<void>): Promise<void> {
  const { mission, revision } = view.status;
  const chosen = await vscode.window.showInformationMessage(
    `Approve ${mission}?`, { modal: true, detail: proposal(view) }, APPROVE, CONTRACT, RETURN,
  );
  if (chosen === APPROVE) {
    // What was read is what is agreed to: with something newer the server refuses, and one looks again.
    await desk.give("approve", { mission, expectedRevision: revision });
  } else if (chosen === CONTRACT) {
    await openContract();
  } else if (chosen === RETURN) {
    await giveBack(desk, mission);
  }
}

export async function giveBack(desk: Desk, mission: string): Promise<void> {
  const comment = await vscode.window.showInputBox({
    title: `Milepost: return ${mission}`, prompt: "What should be different? The orchestrator reads it and proposes anew.",
    ignoreFocusOut: true, validateInput: required,
  });
  if (comment?.trim()) {
    await desk.give("returnMission", { mission, comment: comment.trim() });
  }
}

export async function land(desk: Desk, view: MissionView): Promise<void> {
  const { mission, phase, settled, assertions } = view.status;
  const unfinished = phase !== "completed";
  const open = view.assertions.filter((each) => !["passed", "waived", "removed"].includes(each.status) || each.stale);
  const detail = [
    `${view.branch} is merged into the branch you have checked out. The merged tree is judged first, and nothing is pushed.`,
    unfinished ? `${mission} is ${phase}: ${settled} of ${assertions} assertions are settled.` : "",
    unfinished && open.length ? `Not shown: ${open.map((each) => each.id).join(", ")}` : "",
  ].filter(Boolean).join("\n\n");
  const word = unfinished ? "Land What Is There" : "Land";
  if ((await vscode.window.showInformationMessage(`Land ${mission}?`, { modal: true, detail }, word)) === word) {
    await desk.give("land", unfinished ? { mission, unfinished } : { mission });
  }
}

export async function cancel(desk: Desk, mission: string): Promise<void> {
  const word = "Cancel the Mission";
  const detail = "It ends. Its branch and its record stay: what is there can still be landed, or the mission reopened.";
  if ((await vscode.window.showWarningMessage(`Cancel ${mission}?`, { modal: true, detail }, word)) !== word) {
    return;
  }
  const reason = await vscode.window.showInputBox({
    title: `Milepost: cancel ${mission}`, prompt: "Why? It stays in the record, and may be left empty.", ignoreFocusOut: true,
  });
  if (reason !== undefined) {
    await desk.give("cancel", { mission, reason: reason.trim() });
  }
}

/** Take back what a feature changed; it is built anew. */
export async function revert(desk: Desk, mission: string, feature: FeatureView): Promise<void> {
  const word = "Take It Back";
  const detail = `One commit undoes ${count(feature.commits.length, "commit")}. Later features stay. What ${feature.id} owes is to be built anew: the orchestrator plans how.`;
  const asked = `Revert ${feature.id} ${feature.title}?`;
  if ((await vscode.window.showWarningMessage(asked, { modal: true, detail }, word)) === word) {
    await desk.give("revert", { mission, feature: feature.id });
  }
}

export async function reopen(desk: Desk, mission: string): Promise<void> {
  const reason = await vscode.window.showInputBox({
    title: `Milepost: reopen ${mission}`, prompt: "Why? It stays in the record. The mission is then paused; resume it when you like.",
    ignoreFocusOut: true, validateInput: required,
  });
  if (reason?.trim()) {
    await desk.give("reopen", { mission, reason: reason.trim() });
  }
}

/** The contract as it is saved becomes the agreed one; what is not saved yet is meant, too. */
export async function amend(desk: Desk, view: MissionView): Promise<void> {
  const uri = view.documents.find((each) => each.name === "contract")?.uri;
  const open = vscode.workspace.textDocuments.find((each) => each.isDirty && each.uri.toString() === uri);
  if (!open || (await open.save())) {
    await desk.give("amend", { mission: view.status.mission });
  }
}
