/** What would go wrong, before it does: the server's findings, or why there is no server. */

import * as vscode from "vscode";

import type { Client } from "./client";
import { complain, openSetting } from "./orders";
import { type Doctor, type DoctorFinding, METHODS } from "./protocol";
import { RULES, SETTING } from "./server";

export async function seeDoctor(client: Client, setKey: () => Promise<void>): Promise<void> {
  const findings = await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Window, title: "Milepost: the doctor looks around" }, () => look(client),
  );
  const ill = findings.filter((finding) => !finding.ok).length;
  const rows = [...findings].sort((a, b) => Number(a.ok) - Number(b.ok)).map((finding) => ({
    label: `$(${icon(finding)}) ${finding.name}`, description: finding.message,
    detail: finding.ok ? undefined : finding.remedy, finding,
  }));
  const chosen = await vscode.window.showQuickPick(rows, {
    title: ill ? `Milepost: the doctor found ${ill} of ${findings.length} things amiss` : "Milepost: all is well",
    placeHolder: ill ? "Choose one to mend it, or to copy what helps" : "Everything that a mission needs is there",
    matchOnDescription: true, matchOnDetail: true,
  });
  if (chosen?.finding.name === SERVER && !chosen.finding.ok) {
    await openSetting();
  } else if (chosen?.finding.name === KEYS && !chosen.finding.ok) {
    await setKey();
  } else if (chosen && !chosen.finding.ok && chosen.finding.remedy) {
    await vscode.env.clipboard.writeText(chosen.finding.remedy);
    vscode.window.setStatusBarMessage("$(check) Milepost: copied", 4000);
  }
}

/** Findings that this client itself can do something about. */
const SERVER = "server", KEYS = "keys";

function icon(finding: DoctorFinding): string {
  return finding.ok ? "pass" : finding.severity.startsWith("warn") ? "warning" : "error";
}

async function look(client: Client): Promise<DoctorFinding[]> {
  if (!(await client.ensure())) {
    const remedy = `Install Milepost, or set ${SETTING}; then “Milepost: Restart Server”.`;
    return [{ ok: false, severity: "error", name: SERVER, message: client.detail, remedy }];
  }
  const { installation } = client;
  const message = installation
    ? `Milepost ${installation.version}, found by ${RULES[installation.rule]}: ${installation.command}` : "";
  const server: DoctorFinding = { ok: true, severity: "information", name: SERVER, message, remedy: "" };
  try {
    return [server, ...(await client.request<Doctor>(METHODS.doctor, {})).findings];
  } catch (error) {
    complain(error);
    return [server];
  }
}
