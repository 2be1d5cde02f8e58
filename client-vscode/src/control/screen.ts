/** Mission Control: a picture of a mission as sections, each with a key so that only what changed is drawn anew. */

import { can } from "../choices";
import type { FeatureView, HandoffView, ItemView, MilestoneView, MissionStatus, MissionView, RoundView } from "../protocol";
import { attention, count, ended, itemsOf, money, resolution, short, span, waits, wish } from "../words";
import { act, link } from "./buttons";
import { matrix } from "./matrix";
import { h, type Node } from "./nodes";
import { assertionPlot, moneyPlot } from "./plots";

/** What is on the screen of one mission, from the most urgent to the merely interesting. */
export function screen(view: MissionView, missions: readonly MissionStatus[]): Node[] {
  return [
    header(view, missions),
    waiting(view),
    figures(view),
    plots(view),
    plan(view),
    view.assertions.length ? matrix(view) : empty("matrix"),
    handoffs(view),
    rounds(view),
    seats(view),
  ];
}

/** A section that has nothing to say keeps its place, and is not seen. */
function empty(key: string): Node {
  return h("section", { class: "none", "data-key": key });
}

function header(view: MissionView, missions: readonly MissionStatus[]): Node {
  const { status } = view;
  const chooser = missions.length > 1 && h("select", { "data-choose": "mission", "aria-label": "Mission" },
    ...missions.map((each) => h("option", {
      value: each.mission, selected: each.mission === status.mission ? "selected" : undefined,
    }, each.mission)));
  return h("header", { "data-key": "header" },
    h("div", { class: "name" }, h("h1", {}, status.mission), badge(status), chooser),
    goal(view.goal),
    status.message ? h("p", { class: `message ${status.health}` }, status.message) : "",
    ...(approved(status) ? [] : view.warnings).map((warning) => h("p", { class: "warning" }, warning)),
    h("div", { class: "acts" }, ...deeds(status), ...view.documents.map((each) => link(each.name, each.uri))),
  );
}

/** A goal may be a page long: its first line is shown, and all of it on a click. */
function goal(text: string): Node {
  const [first = "", ...rest] = text.trim().split("\n");
  const more = rest.join("\n").trim();
  return more ? h("details", { class: "goal", "data-fold": "goal" }, h("summary", {}, first), h("p", {}, more))
    : h("p", { class: "goal" }, first);
}

/** Warnings are about what is proposed: who approved it has read them. */
function approved(status: MissionStatus): boolean {
  return !["draft", "proposed"].includes(status.phase);
}

function badge(status: MissionStatus): Node {
  const word = status.landed ? "landed" : wish(status) || status.word;
  const kind = waits(status) ? "waits" : status.landed ? "completed" : status.word;
  return h("span", { class: `badge ${kind}` }, word);
}

function deeds(status: MissionStatus): Node[] {
  const target = { mission: status.mission };
  const all = [
    can(status, "approve") && act("approve", target, "Approve…", "primary"),
    can(status, "returnMission") && act("returnMission", target, "Return with comment…"),
    can(status, "land") && act("land", target, "Land…", status.phase === "completed" ? "primary" : ""),
    can(status, "run") && act("run", target, "Run", "primary"),
    can(status, "resume") && act("resume", target, "Resume", "primary"),
    can(status, "propose") && act("propose", target, "Propose now"),
    can(status, "pause") && act("pause", target, "Pause"),
    can(status, "interrupt") && act("interrupt", target, "Interrupt"),
    can(status, "steer") && act("steer", target, "Steer…"),
    can(status, "setBudget") && act("setBudget", target, "Budget…"),
  ];
  return all.filter((each): each is Node => each !== false);
}

function waiting(view: MissionView): Node {
  const items = attention(view.items);
  if (!items.length) {
    return empty("waiting");
  }
  return h("section", { class: "waiting", "data-key": "waiting" },
    h("h2", {}, `Waiting for you (${items.length})`),
    ...items.map((item) => h("div", { class: "item", "data-item": item.id },
      h("span", { class: "quiet" }, `${item.id} ${item.type}`),
      h("p", {}, item.text),
      item.options.length ? h("p", { class: "quiet" }, item.options.join(" / ")) : "",
      act("answer", { mission: view.status.mission, item: item.id }, item.actions.includes("approve") ? "Decide…" : "Answer…", "primary"),
    )));
}

function figures(view: MissionView): Node {
  const { status } = view;
  const share = status.budget ? Math.min(1, status.dollars / status.budget) : 0;
  return h("section", { class: "figures", "data-key": "figures" },
    h("div", { class: "figure" },
      h("span", { class: "big", "data-figure": "completion" }, `${Math.round(status.completion * 100)} %`),
      h("span", { class: "quiet" }, `${status.settled} of ${status.assertions} assertions`),
      bar(status.completion, "done")),
    h("div", { class: "figure" },
      h("span", { class: "big", "data-figure": "money" }, money(status.dollars)),
      h("span", { class: "quiet" }, status.budget === null ? "no budget set" : `of ${money(status.budget)}`),
      status.budget === null ? "" : bar(share, share > 0.9 ? "over" : "spent")),
    work(view),
    h("div", { class: "figure" },
      h("span", { class: "big" }, span(view.elapsed)),
      h("span", { class: "quiet" }, [status.milestone, view.branch].filter(Boolean).join(" · "))),
    ...(view.activity.length > 1 ? [h("div", { class: "figure wide" }, h("span", { class: "quiet" }, "At work"),
      ...view.activity.map((each) => h("div", {}, `${each.subject} ${each.seat}`, h("span", { class: "quiet" }, ` ${each.doing}`))))] : []),
  );
}

/** Who is at work, and on what; of a mission that ended, how much work it was. */
function work(view: MissionView): Node {
  const { status } = view;
  const [big, small] = ended(status)
    ? [count(view.features.filter((each) => each.status !== "cancelled").length, "feature"), count(view.rounds.length, "round")]
    : [status.seat || (status.running ? "engine" : "nobody"), [status.subject, status.doing].filter(Boolean).join(" · ") || "at work"];
  return h("div", { class: "figure" }, h("span", { class: "big", "data-figure": "seat" }, big), h("span", { class: "quiet" }, small));
}

/** A bar without a style attribute, which the content policy forbids. */
function bar(share: number, kind: string): Node {
  const width = Math.round(Math.max(0, Math.min(1, share)) * 1000) / 10;
  return h("svg", { class: "bar", viewBox: "0 0 100 4", preserveAspectRatio: "none", role: "presentation" },
    h("rect", { class: "track", x: 0, y: 0, width: 100, height: 4 }),
    h("rect", { class: kind, x: 0, y: 0, width, height: 4 }));
}

function plots(view: MissionView): Node {
  if (view.timeline.length < 2) {
    return empty("plots");
  }
  return h("section", { class: "plots", "data-key": "plots" },
    h("figure", {}, h("figcaption", {}, "Settled assertions"), assertionPlot(view.timeline)),
    view.status.dollars > 0 && h("figure", {}, h("figcaption", {}, "Money"), moneyPlot(view.timeline, view.status.budget)));
}

function plan(view: MissionView): Node {
  if (!view.milestones.length) {
    return empty("plan");
  }
  return h("section", { class: "plan", "data-key": "plan" }, h("h2", {}, "Plan"),
    ...view.milestones.map((milestone) => milestoneBlock(milestone, view)));
}

function milestoneBlock(milestone: MilestoneView, view: MissionView): Node {
  const features = view.features.filter((feature) => feature.milestone === milestone.id);
  const { mission } = view.status;
  return h("div", { class: `milestone ${milestone.status}`, "data-milestone-block": milestone.id },
    h("div", { class: "line" },
      h("strong", {}, milestone.document ? link(milestone.id, milestone.document) : milestone.id, ` ${milestone.title}`),
      h("span", { class: `badge ${milestone.status}` }, milestone.status),
      milestone.rounds ? h("span", { class: "quiet" }, count(milestone.rounds, "round")) : "",
      features.some((each) => each.commits.length) && act("diffMilestone", { mission, milestone: milestone.id }, "Diff", "quiet")),
    h("p", { class: "quiet" }, milestone.outcome),
    h("ul", {}, ...features.map((feature) => featureLine(feature, mission))));
}

function featureLine(feature: FeatureView, mission: string): Node {
  const owed = [...feature.fulfills, feature.fixes.length ? `fixes ${feature.fixes.join(", ")}` : ""].filter(Boolean).join(", ");
  return h("li", { class: `feature ${feature.status}`, "data-feature-line": feature.id },
    h("span", { class: `dot ${feature.status}`, title: feature.status }),
    h("span", {}, `${feature.id} ${feature.title}`),
    h("span", { class: "quiet" }, [feature.status, owed, feature.attempts > 1 ? count(feature.attempts, "attempt") : "",
      feature.dollars > 0 ? money(feature.dollars) : ""].filter(Boolean).join(" · ")),
    feature.document ? link("handoff", feature.document) : "",
    feature.commits.length > 0 && act("diffFeature", { mission, feature: feature.id }, "Diff", "quiet"));
}

function handoffs(view: MissionView): Node {
  if (!view.handoffs.length) {
    return empty("handoffs");
  }
  return h("section", { class: "handoffs", "data-key": "handoffs" }, h("h2", {}, "Handoffs, and what was found"),
    ...[...view.handoffs].reverse().map((handoff) => handoffBlock(handoff, view)));
}

function handoffBlock(handoff: HandoffView, view: MissionView): Node {
  const items = itemsOf(view, handoff.found);
  const feature = view.features.find((each) => each.id === handoff.feature);
  return h("div", { class: "handoff", "data-handoff": handoff.feature },
    h("div", { class: "line" },
      h("strong", {}, `${handoff.feature} ${feature?.title ?? ""}`.trim()),
      h("span", { class: `badge ${handoff.outcome}` }, handoff.outcome),
      h("span", { class: "quiet" }, handoff.attempt),
      handoff.document ? link("all of it", handoff.document) : ""),
    h("p", {}, handoff.summary),
    ...handoff.mismatches.map((text) => h("p", { class: "mismatch" }, `The audit saw otherwise: ${text}`)),
    items.length ? h("ul", { class: "found" }, ...items.map(foundLine))
      : h("p", { class: "quiet" }, "Nothing was held against it."));
}

/** What a validator found, and how the mission answers it. */
function foundLine(item: ItemView): Node {
  return h("li", { "data-found": item.id },
    h("span", {}, link(item.id, item.file, item.line), ` ${item.type}: ${item.text}`),
    h("span", { class: item.open ? "answer open" : "answer" }, item.open ? "not answered yet" : `→ ${resolution(item)}`));
}

function rounds(view: MissionView): Node {
  if (!view.rounds.length) {
    return empty("rounds");
  }
  return h("section", { class: "rounds", "data-key": "rounds" }, h("h2", {}, "Rounds"),
    h("table", {}, h("tbody", {}, ...[...view.rounds].reverse().map((round) => roundRow(round, view)))));
}

function roundRow(round: RoundView, view: MissionView): Node {
  const items = itemsOf(view, round.items);
  return h("tr", {},
    h("td", {}, `${round.milestone} round ${round.number}`),
    h("td", {}, h("span", { class: `badge ${round.outcome || "running"}` }, round.outcome || "going on")),
    h("td", {}, short(round.reason, 160) || round.failed.join(", ")),
    h("td", { class: "quiet" }, items.map((item) => `${item.id} → ${item.open ? "open" : [item.decision, item.feature].filter(Boolean).join(" ")}`).join(", ")));
}

function seats(view: MissionView): Node {
  if (!view.seats.length) {
    return empty("seats");
  }
  const most = Math.max(1e-9, ...view.seats.map((seat) => seat.dollars));
  return h("section", { class: "seats", "data-key": "seats" }, h("h2", {}, "Cost by seat"),
    h("table", {},
      h("thead", {}, h("tr", {}, ...["Seat", "Model", "Money", "", "Turns", "From cache"].map((word) =>
        h("th", { class: /Money|Turns|cache/.test(word) ? "number" : "" }, word)))),
      h("tbody", {}, ...view.seats.map((seat) => h("tr", {},
        h("td", {}, seat.seat), h("td", { class: "quiet" }, seat.model), h("td", { class: "number" }, money(seat.dollars)),
        h("td", { class: "share" }, bar(seat.dollars / most, "spent")), h("td", { class: "number" }, String(seat.turns)),
        h("td", { class: "number" }, `${Math.round(seat.cacheShare * 100)} %`))))));
}

/** What stands there before the first picture, and where there is none. */
export function blank(text: string): Node[] {
  return [h("section", { class: "blank", "data-key": "blank" }, h("p", {}, text))];
}

