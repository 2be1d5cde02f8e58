/** What is agreed before work begins, and what is taken at its end: the dialogs of approving, returning and landing. */

import * as vscode from "vscode";

import type { Desk } from "./orders";
import { required } from "./orders";
import { proposal } from "./proposal";
import type { MissionView } from "./protocol";

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
  const detail = "It ends for good. Its branch and its record stay, and what is there can still be landed.";
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
