/** The verdict matrix: a row for each assertion, with the feature that owes it and what was last seen. */

import type { AssertionView, MissionView } from "../protocol";
import { assertionLook, short } from "../words";
import { act, link } from "./buttons";
import { h, type Node } from "./nodes";

/** Pieces of evidence in a row; the contract's hover and the tree have them all. */
const SHOWN = 4;

const MARKS: Record<string, string> = { passed: "✓", failed: "✗", blocked: "!", waived: "↷", removed: "−", pending: "·" };

export function matrix(view: MissionView): Node {
  const areas = [...new Set(view.assertions.map((assertion) => assertion.area))];
  return h("section", { class: "matrix", "data-key": "matrix" },
    h("h2", {}, "Verdicts"),
    h("div", { class: "overview", "aria-hidden": "true" }, ...areas.map((area) => overview(area, view))),
    h("table", {},
      h("thead", {}, h("tr", {}, ...["", "Assertion", "Surface", "Feature", "Evidence", "Last seen", ""].map((word) => h("th", {}, word)))),
      h("tbody", {}, ...view.assertions.map((assertion) => row(assertion, view))),
    ),
  );
}

function mark(assertion: AssertionView): Node {
  const { word } = assertionLook(assertion);
  const state = assertion.stale ? "stale" : assertion.status;
  return h("span", { class: `mark ${state}`, title: `${assertion.id}: ${word}` }, assertion.stale ? "↻" : (MARKS[assertion.status] ?? "·"));
}

/** One square for each assertion of an area: the whole contract at a glance. */
function overview(area: string, view: MissionView): Node {
  const own = view.assertions.filter((assertion) => assertion.area === area);
  return h("span", { class: "squares" }, h("span", { class: "area-name" }, area), ...own.map(mark));
}

function row(assertion: AssertionView, view: MissionView): Node {
  const { mission } = view.status;
  const gone = ["removed", "waived"].includes(assertion.status);
  const judged = !gone && assertion.status !== "pending";
  const running = view.status.phase === "running";
  const target = { mission, assertion: assertion.id };
  return h("tr", { "data-assertion": assertion.id },
    h("td", { class: "state" }, mark(assertion)),
    h("td", {}, link(assertion.id, assertion.uri, assertion.line), h("span", { class: "title" }, ` ${assertion.title}`)),
    h("td", { class: "quiet" }, assertion.surface),
    h("td", { class: "quiet" }, assertion.feature),
    h("td", {}, ...assertion.evidence.slice(0, SHOWN).map((each, index) => evidence(each.title || each.id, each.kind, each.uri, index + 1)),
      assertion.evidence.length > SHOWN && h("span", { class: "quiet" }, `+${assertion.evidence.length - SHOWN}`)),
    h("td", { class: "note", title: assertion.note }, short(assertion.note || assertionLook(assertion).word, 90)),
    h("td", { class: "acts" },
      judged && running && act("recheck", target, "Recheck", "quiet"),
      running && !gone && assertion.status !== "passed" && act("waive", target, "Waive…", "quiet")),
  );
}

function evidence(title: string, kind: string, uri: string, number: number): Node {
  return uri ? h("a", { href: "#", class: "chip", "data-open": uri, title }, `${kind} ${number}`)
    : h("span", { class: "chip", title }, `${kind} ${number}`);
}
