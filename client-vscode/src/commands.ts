/** The palette: one deed for each of its commands. Mission logic is the server's; here are dialogs and orders. */

import * as vscode from "vscode";

import * as approval from "./approval";
import type { Target } from "./branches";
import type { Client } from "./client";
import type { MissionControl } from "./control/panel";
import type { Diffs } from "./diff";
import { openDocument, openWorkTree } from "./documents";
import { askBudget, newMission, playDemo } from "./goals";
import type { Missions } from "./missions";
import { complain, type Desk, required } from "./orders";
import { commandId, HARMLESS, PALETTE, type PaletteName } from "./palette";
import { Picker, targetOf } from "./picking";
import type { MissionStatus, MissionView } from "./protocol";
import { answerAll } from "./questions";
import { expectTrust } from "./trust";
import type { Verb } from "./choices";

export interface Tools {
  client: Client;
  missions: Missions;
  desk: Desk;
  diffs: Diffs;
  control: MissionControl;
  doctor(): Promise<void>;
  setKey(): Promise<void>;
  collect(): Promise<void>;
  showLogs(): void;
}

type Wanted = Partial<Target>;
type Deed = (target: Wanted) => Promise<unknown>;

export function register(tools: Tools): vscode.Disposable[] {
  const deeds = table(tools);
  return PALETTE.map((name) => vscode.commands.registerCommand(commandId(name), async (argument: unknown) => {
    if (!HARMLESS.has(name) && !(await expectTrust())) {
      return;
    }
    try {
      await deeds[name](targetOf(argument));
    } catch (error) {
      complain(error);
    }
  }));
}

function table(tools: Tools): Record<PaletteName, Deed> {
  return { ...life(tools), ...judgement(tools), ...looking(tools), ...caring(tools) };
}

/** The mission that a command is for, once the server is there; undefined where there is none, or the user left. */
type Choose = (target: Wanted, verb: Verb) => Promise<MissionStatus | undefined>;

/** Nobody should type a goal and then hear that there is no server. */
async function ready({ client, missions }: Tools): Promise<void> {
  if (!(await client.ensure())) {
    throw new Error(client.detail);
  }
  await missions.told();
}

function chooser(tools: Tools, picker: Picker): Choose {
  return async (target, verb) => {
    await ready(tools);
    return picker.mission(target, verb);
  };
}

/** A deed for a chosen mission and a picture of it as of now. */
type On = (verb: Verb, deed: (view: MissionView, target: Wanted) => Promise<unknown>) => Deed;

function on(tools: Tools, picker: Picker): On {
  const choose = chooser(tools, picker);
  return (verb, deed) => async (target) => {
    const status = await choose(target, verb);
    return status && deed(await tools.missions.fresh(status.mission), target);
  };
}

function life(tools: Tools) {
  const { client, desk } = tools;
  const picker = new Picker(tools.missions);
  const choose = chooser(tools, picker);
  const viewed = on(tools, picker);
  const plain = (verb: "propose" | "run" | "pause" | "resume" | "publish"): Deed => async (target) => {
    const status = await choose(target, verb);
    return status && desk.give(verb, { mission: status.mission });
  };
  return {
    newMission: () => ready(tools).then(() => newMission(desk)),
    demo: () => ready(tools).then(() => playDemo(desk, tools.missions, (mission) => tools.control.open(mission))),
    // One that was clicked may be the orchestrator's: the user decides on those too.
    answer: (target) => viewed(target.item ? "steer" : "answer", (view) => answerAll(desk, view, target.item))(target),
    propose: plain("propose"),
    approve: viewed("approve", (view) =>
      approval.approve(desk, view, () => openDocument(client, view.status.mission, "contract"))),
    returnMission: viewed("returnMission", (view) => approval.giveBack(desk, view.status.mission)),
    run: plain("run"),
    pause: plain("pause"),
    resume: plain("resume"),
    publish: plain("publish"),
    land: viewed("land", (view) => approval.land(desk, view)),
    interrupt: viewed("interrupt", async ({ status: { mission } }) => {
      const reason = await words(`interrupt ${mission}`, "What is wrong? The orchestrator reads it; it may be left empty.", false);
      return reason === undefined ? undefined : desk.give("interrupt", { mission, ...(reason ? { reason } : {}) });
    }),
    steer: viewed("steer", async ({ status: { mission } }) => {
      const text = await words(`steer ${mission}`, "What should the orchestrator know or do? It reads it before the next attempt.");
      return text ? desk.give("steer", { mission, text }) : undefined;
    }),
    cancel: viewed("cancel", (view) => approval.cancel(desk, view.status.mission)),
  } satisfies Partial<Record<PaletteName, Deed>>;
}

function judgement(tools: Tools) {
  const { client, desk, missions } = tools;
  const picker = new Picker(missions);
  const viewed = on(tools, picker);
  return {
    waive: viewed("waive", async (view, target) => {
      const assertion = await picker.assertion(view, target.assertion);
      const reason = assertion && (await words(`waive ${assertion.id}`, `“${assertion.title}” no longer has to be shown. Why?`));
      return assertion && reason
        ? desk.give("waive", { mission: view.status.mission, assertion: assertion.id, reason }) : undefined;
    }),
    recheck: viewed("recheck", async (view, target) => {
      const assertions = await picker.judged(view, target.assertion);
      return assertions && desk.give("recheck", { mission: view.status.mission, assertions });
    }),
    amend: viewed("amend", (view) => approval.amend(desk, view)),
    revert: viewed("revert", async (view, target) => {
      const feature = await picker.feature(view, target.feature);
      return feature && approval.revert(desk, view.status.mission, feature);
    }),
    reopen: viewed("reopen", (view) => approval.reopen(desk, view.status.mission)),
    setModel: viewed("setModel", async (view) => setModel(desk, view)),
    setBudget: viewed("setBudget", async ({ status: { mission, budget } }) => {
      const dollars = await askBudget(`Milepost: budget of ${mission}`, budget);
      return dollars === undefined ? undefined : desk.give("set", { mission, key: "budget.dollars", value: dollars });
    }),
    diffFeature: viewed("look", async (view, target) => {
      const feature = await picker.feature(view, target.feature);
      return feature && tools.diffs.show({ mission: view.status.mission, feature: feature.id }, view.tree);
    }),
    diffMilestone: viewed("look", async (view, target) => {
      const milestone = await picker.milestone(view, target.milestone);
      return milestone && tools.diffs.show({ mission: view.status.mission, milestone: milestone.id }, view.tree);
    }),
    openTree: viewed("look", (view) => openWorkTree(view.tree)),
    restart: () => client.restart("the user asked for it").then((there) => {
      if (!there) {
        throw new Error(client.detail);
      }
    }),
  } satisfies Partial<Record<PaletteName, Deed>>;
}

function looking(tools: Tools) {
  const choose = chooser(tools, new Picker(tools.missions));
  const opens = (document: string): Deed => async (target) => {
    const status = await choose(target, "look");
    return status && openDocument(tools.client, status.mission, document);
  };
  return {
    openContract: opens("contract"),
    openBrief: opens("brief"),
    openPlan: opens("plan"),
    openReport: opens("report"),
    openControl: async (target: Wanted) => {
      const status = await choose(target, "look");
      return status && tools.control.open(status.mission);
    },
  } satisfies Partial<Record<PaletteName, Deed>>;
}

function caring(tools: Tools) {
  return {
    doctor: () => tools.doctor(),
    setKey: () => tools.setKey(),
    collect: () => tools.collect(),
    showLogs: () => Promise.resolve(tools.showLogs()),
  } satisfies Partial<Record<PaletteName, Deed>>;
}

const SEATS = ["orchestrator", "worker", "scrutiny", "reviewer", "tester", "auditor", "researcher"];

async function setModel(desk: Desk, view: MissionView): Promise<void> {
  const { mission } = view.status;
  const models = new Map(view.seats.map((seat) => [seat.seat, seat.model]));
  const rows = SEATS.map((label) => ({ label, description: models.get(label) ?? "" }));
  const seat = await vscode.window.showQuickPick(rows, { title: `Milepost: ${mission}: a model for which seat?` });
  if (!seat) {
    return;
  }
  const value = await words(`model of the ${seat.label}`, "Its LiteLLM name. It sits down with the next attempt.", true, seat.description);
  if (value) {
    await desk.give("set", { mission, key: `seat.${seat.label}.model`, value });
  }
}

/** Words that only the user has; undefined where they left. */
async function words(title: string, prompt: string, needed = true, value = ""): Promise<string | undefined> {
  const said = await vscode.window.showInputBox({
    title: `Milepost: ${title}`, prompt, value, ignoreFocusOut: true, validateInput: needed ? required : undefined,
  });
  return said?.trim();
}
