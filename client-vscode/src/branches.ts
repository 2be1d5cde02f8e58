/** The tree of missions as plain data: what each row says, and what can be done with it. */

import { can, verbs } from "./choices";
import type { AssertionView, FeatureView, ItemView, MilestoneView, MissionStatus, MissionView } from "./protocol";
import { assertionLook, attention, atWork, count, itemsOf, missionIcon, money, resolution, short, waits, wish, workLook } from "./words";

/** What a row, a lens or a button is about; a command asks for what is missing. */
export interface Target {
  mission: string;
  milestone?: string;
  feature?: string;
  assertion?: string;
  item?: string;
}

export interface Branch {
  /** The same thing keeps its key, so that what was unfolded stays so. */
  key: string;
  label: string;
  description: string;
  tooltip: string;
  icon: string;
  /** Id of a theme colour, or empty. */
  color: string;
  /** What `view/item/context` is matched with: `<kind>;<verb>;<verb>;`. */
  context: string;
  target: Target;
  /** URI that a click opens, with its line from 0. */
  opens?: { uri: string; line?: number };
  /** A palette command that a click runs, with the target. */
  runs?: string;
  unfolded?: boolean;
  children: Branch[];
}

/** A mission of which there is no picture yet is one row without children. */
export function branches(statuses: readonly MissionStatus[], view: (mission: string) => MissionView | undefined): Branch[] {
  return statuses.map((status) => missionBranch(status, view(status.mission)));
}

function missionBranch(status: MissionStatus, view: MissionView | undefined): Branch {
  const target = { mission: status.mission };
  return {
    key: status.mission,
    label: status.mission,
    description: describe(status),
    tooltip: [status.title, status.message, status.seat && `${atWork(status)}: ${status.doing}`].filter(Boolean).join("\n"),
    icon: missionIcon(status),
    color: waits(status) ? "list.warningForeground" : "",
    context: `mission${verbs(status)}`,
    target,
    unfolded: true,
    children: view ? parts(view, target) : [],
  };
}

function describe(status: MissionStatus): string {
  const settled = status.assertions ? `${status.settled}/${status.assertions}` : "";
  const word = status.landed ? "landed" : wish(status) || status.word;
  return [word, settled, money(status.dollars, status.budget)].filter(Boolean).join(" · ");
}

function parts(view: MissionView, target: Target): Branch[] {
  const rows: Branch[] = [];
  const waiting = attention(view.items);
  if (waiting.length) {
    rows.push(group(target, "waiting", "Waiting for you", "bell-dot", waiting.map((item) => itemBranch(item, target)), true));
  }
  rows.push(...view.milestones.map((milestone) => milestoneBranch(milestone, view, target)));
  const unplanned = view.assertions.filter((assertion) => !assertion.feature);
  if (unplanned.length) {
    rows.push(group(target, "contract", "Contract", "law", unplanned.map((each) => assertionBranch(each, target)), true));
  }
  const others = view.items.filter((item) => item.open && item.owner !== "user");
  if (others.length) {
    rows.push(group(target, "items", "For the orchestrator", "inbox", others.map((item) => itemBranch(item, target))));
  }
  if (view.documents.length) {
    rows.push(group(target, "documents", "Documents", "files", view.documents.map((each) => ({
      ...row(target, `document:${each.name}`, capital(each.name)), icon: "markdown", opens: { uri: each.uri },
    }))));
  }
  return rows;
}

function row(target: Target, key: string, label: string): Branch {
  return {
    key: `${target.mission}/${key}`, label, description: "", tooltip: label, icon: "", color: "", context: "", target,
    children: [],
  };
}

function group(
  target: Target, key: string, label: string, icon: string, children: Branch[], unfolded = false,
): Branch {
  return { ...row(target, key, label), icon, description: String(children.length), children, unfolded };
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

function milestoneBranch(milestone: MilestoneView, view: MissionView, target: Target): Branch {
  const look = workLook(milestone.status);
  const rounds = view.rounds.filter((round) => round.milestone === milestone.id);
  const failed = rounds.filter((round) => round.outcome === "failed").length;
  const features = view.features.filter((feature) => feature.milestone === milestone.id);
  const begun = features.some((feature) => feature.commits.length);
  return {
    ...row(target, milestone.id, `${milestone.id} ${milestone.title}`),
    description: [look.word, milestone.rounds > 1 || failed ? `round ${milestone.rounds}` : ""].filter(Boolean).join(" · "),
    tooltip: [milestone.outcome, ...rounds.map((each) => `Round ${each.number}: ${each.outcome || "going on"}. ${each.reason}`)]
      .filter(Boolean).join("\n"),
    icon: look.icon,
    color: look.color,
    context: `milestone;${begun ? "diff;" : ""}`,
    target: { ...target, milestone: milestone.id },
    opens: milestone.document ? { uri: milestone.document } : undefined,
    unfolded: milestone.status !== "waiting" || ["draft", "proposed"].includes(view.status.phase),
    children: features.map((feature) => featureBranch(feature, view, target)),
  };
}

function featureBranch(feature: FeatureView, view: MissionView, target: Target): Branch {
  const look = workLook(feature.status);
  const handoff = view.handoffs.filter((each) => each.feature === feature.id).at(-1);
  const own = view.assertions.filter((assertion) => assertion.feature === feature.id);
  const children = own.map((assertion) => assertionBranch(assertion, { ...target, feature: feature.id }));
  if (handoff) {
    children.push({
      ...row(target, `${feature.id}/handoff`, "Handoff"),
      description: short(handoff.summary),
      tooltip: [handoff.summary, ...itemsOf(view, handoff.found).map(answered)].join("\n"),
      icon: handoff.mismatches.length ? "warning" : "note",
      color: handoff.mismatches.length ? "list.warningForeground" : "",
      opens: handoff.document ? { uri: handoff.document } : undefined,
    });
  }
  const fixes = feature.fixes.length ? `fixes ${feature.fixes.join(", ")}` : "";
  const tries = feature.attempts > 1 ? `attempt ${feature.attempts}` : "";
  return {
    ...row(target, feature.id, `${feature.id} ${feature.title}`),
    description: [look.word, fixes, tries, feature.dollars > 0 ? money(feature.dollars) : ""].filter(Boolean).join(" · "),
    tooltip: `${feature.title}\n${[...feature.fulfills, ...feature.fixes].join(", ")}\n${count(feature.commits.length, "commit")}`,
    icon: look.icon,
    color: look.color,
    context: `feature;${feature.commits.length ? "diff;" : ""}${feature.commits.length && can(view.status, "revert") ? "revert;" : ""}`,
    target: { ...target, feature: feature.id },
    opens: feature.document ? { uri: feature.document } : undefined,
    unfolded: feature.status === "active" || own.some((assertion) => assertion.status === "failed"),
    children,
  };
}

function assertionBranch(assertion: AssertionView, target: Target): Branch {
  const look = assertionLook(assertion);
  const judged = !["pending", "removed", "waived"].includes(assertion.status);
  const waivable = !["removed", "waived"].includes(assertion.status);
  return {
    ...row(target, `assertion:${assertion.id}`, `${assertion.id} ${assertion.title}`),
    description: look.word,
    tooltip: [assertion.title, `${assertion.surface}: ${look.word}`, assertion.note].filter(Boolean).join("\n"),
    icon: look.icon,
    color: look.color,
    context: `assertion;${waivable ? "waive;" : ""}${judged ? "recheck;" : ""}`,
    target: { ...target, assertion: assertion.id },
    opens: { uri: assertion.uri, line: assertion.line },
    children: assertion.evidence.map((evidence) => ({
      ...row(target, `evidence:${assertion.id}/${evidence.id}`, evidence.title || evidence.id),
      description: evidence.kind,
      tooltip: evidence.id,
      icon: evidence.kind === "screenshot" ? "device-camera" : "output",
      opens: evidence.uri ? { uri: evidence.uri } : undefined,
    })),
  };
}

function itemBranch(item: ItemView, target: Target): Branch {
  const mine = item.owner === "user" && item.actions.length > 0;
  return {
    ...row(target, `item:${item.id}`, short(item.text, 100)),
    description: `${item.id} ${item.type}`,
    tooltip: [item.text, item.options.length ? `One of: ${item.options.join(", ")}` : ""].filter(Boolean).join("\n"),
    icon: ITEM_ICONS[item.type] ?? "circle-small-filled",
    color: item.owner === "user" || item.severity === "blocking" ? "list.warningForeground" : "",
    context: `item;${item.open && item.actions.length ? "answer;" : ""}`,
    target: { ...target, item: item.id },
    runs: mine ? "milepost.palette.answer" : undefined,
    opens: !mine && item.file ? { uri: item.file, line: Math.max(0, item.line) } : undefined,
  };
}

const ITEM_ICONS: Record<string, string> = {
  question: "question", approval: "pass", grant: "key", proposal: "lightbulb", finding: "search", verdict: "error",
  gate: "error", stuck: "warning", undone: "tasklist", issue: "issues",
};

function answered(item: ItemView): string {
  return `${item.id} ${short(item.text, 60)} → ${resolution(item)}`;
}
