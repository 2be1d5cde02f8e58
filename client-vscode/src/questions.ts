/** The dialogs in which things that wait for the user are decided: one after the other, and Escape leaves the rest. */

import * as vscode from "vscode";

import { given } from "./answering";
import type { Desk } from "./orders";
import { required } from "./orders";
import type { ItemView, MissionView } from "./protocol";

/** Decide on one item, or on all that wait. True where everything was decided. */
export async function answerAll(desk: Desk, view: MissionView, only?: string): Promise<boolean> {
  const waiting = view.items.filter((item) => item.open && item.actions.length && (only ? item.id === only : item.owner === "user"));
  for (const [index, item] of waiting.entries()) {
    const step = waiting.length > 1 ? `${index + 1} of ${waiting.length}` : "";
    if (!(await decide(desk, view, item, step))) {
      return false;
    }
  }
  return true;
}

async function decide(desk: Desk, view: MissionView, item: ItemView, step: string): Promise<boolean> {
  const { mission } = view.status;
  const title = [`Milepost: ${mission}`, `${item.id} ${item.type}`, step].filter(Boolean).join(" · ");
  if (item.actions.includes("approve")) {
    return approval(desk, view, item, title);
  }
  const chosen = await ask(item, title);
  if (chosen === undefined) {
    return false;
  }
  if (chosen.decision === "answer") {
    const { order, text } = given(item, chosen.texts);
    return order === "answer" ? desk.give(order, { mission, item: item.id, text })
      : desk.give(order, { mission, item: item.id, decision: "answer", text });
  }
  return resolve(desk, view, item, chosen.decision, title);
}

async function approval(desk: Desk, view: MissionView, item: ItemView, title: string): Promise<boolean> {
  const rows = [
    { label: "$(check) Approve", decision: "approve" },
    { label: "$(close) Deny…", decision: "deny" },
  ];
  const chosen = await pick(rows, title, item.text, "Approve or deny");
  if (!chosen) {
    return false;
  }
  if (chosen.decision === "deny") {
    return resolve(desk, view, item, "deny", title);
  }
  return desk.give("resolve", { mission: view.status.mission, item: item.id, decision: "approve" });
}

async function resolve(desk: Desk, view: MissionView, item: ItemView, decision: string, title: string): Promise<boolean> {
  const prompt = decision === "counter" ? "What do you propose instead?" : `Why ${decision}? It stays in the record.`;
  const said = await vscode.window.showInputBox({ title, prompt, ignoreFocusOut: true, validateInput: required });
  const words = said?.trim();
  if (!words) {
    return false;
  }
  const feature = decision === "reopen" ? sentBack(view, item) : undefined;
  return desk.give("resolve", {
    mission: view.status.mission, item: item.id, decision, ...(decision === "counter" ? { text: words } : { reason: words }),
    ...(feature ? { feature } : {}),
  });
}

/** The feature that is sent back when an item about it, or about an assertion that it owes, is reopened. */
function sentBack(view: MissionView, item: ItemView): string | undefined {
  const owner = view.assertions.find((assertion) => assertion.id === item.about)?.feature;
  return view.features.find((feature) => feature.id === item.about)?.id ?? owner;
}

interface Chosen {
  decision: string;
  texts: string[];
}

type Row = vscode.QuickPickItem & { decision: string; text: string };

/** Options, words of one's own, or another decision; what is typed is offered as an answer itself. */
function ask(item: ItemView, title: string): Promise<Chosen | undefined> {
  const others = item.actions.filter((action) => action !== "answer");
  const decisions: Row[] = others.map((decision) => ({
    label: `$(circle-slash) ${decision.charAt(0).toUpperCase()}${decision.slice(1)}…`, decision, text: "", alwaysShow: true,
  }));
  const options: Row[] = item.options.map((text) => ({ label: text, decision: "answer", text, alwaysShow: item.multiple }));
  return new Promise((resolve) => {
    const box = vscode.window.createQuickPick<Row>();
    box.title = title;
    box.prompt = item.text;
    box.canSelectMany = item.multiple;
    box.placeholder = placeholder(item);
    box.ignoreFocusOut = true;
    const offer = (): void => {
      const typed = box.value.trim();
      const kept = new Set(box.selectedItems.map((row) => row.label));
      const own: Row = { label: typed, description: "your answer", decision: "answer", text: typed, alwaysShow: true };
      box.items = [...(typed ? [own] : []), ...options, ...decisions];
      if (item.multiple) {
        box.selectedItems = box.items.filter((row) => kept.has(row.label) || row === own);
      }
    };
    box.onDidChangeValue(offer);
    box.onDidAccept(() => {
      const [first] = box.selectedItems;
      if (first) {
        resolve({ decision: first.decision, texts: box.selectedItems.map((row) => row.text) });
        box.hide();
      }
    });
    box.onDidHide(() => {
      resolve(undefined);
      box.dispose();
    });
    offer();
    box.show();
  });
}

function placeholder(item: ItemView): string {
  if (!item.options.length) {
    return "Type your answer";
  }
  return item.multiple ? "Choose one or several, or type an answer of your own" : "Choose, or type an answer of your own";
}

/** A list to choose from under a text that may be long. */
function pick<T extends vscode.QuickPickItem>(
  rows: T[], title: string, prompt: string, placeholder: string,
): Promise<T | undefined> {
  return new Promise((resolve) => {
    const box = vscode.window.createQuickPick<T>();
    Object.assign(box, { title, prompt, placeholder, items: rows, ignoreFocusOut: true });
    box.onDidAccept(() => {
      resolve(box.selectedItems[0]);
      box.hide();
    });
    box.onDidHide(() => {
      resolve(undefined);
      box.dispose();
    });
    box.show();
  });
}
