/** What a person agrees to, put together from a picture of the mission. */

import type { MissionView } from "./protocol";
import { count, money } from "./words";

/** What is proposed, in a few lines. */
export function proposal(view: MissionView): string {
  const live = view.assertions.filter((each) => each.status !== "removed").length;
  return [
    view.summary,
    `${[count(live, "assertion"), count(view.milestones.length, "milestone"), count(view.features.length, "feature")].join(", ")}.`,
    cost(view),
    ...view.warnings.map((warning) => `! ${warning}`),
    "Work begins at once. The contract holds from then on; you can amend it.",
  ].filter(Boolean).join("\n\n");
}

function cost(view: MissionView): string {
  const { budget } = view.status;
  const { dollars_low: low = 0, dollars_high: high = 0 } = view.estimate;
  if (high === 0) {
    return budget === null ? "" : `It costs ${money(budget)} at most.`;
  }
  const range = `By experience such a plan costs ${money(low)} to ${money(high)}.`;
  if (budget === null) {
    return `${range} No budget is set.`;
  }
  const limit = `Its budget of ${money(budget)} is never exceeded`;
  return `${range} ${limit}${budget < high ? ": it stops there, and asks." : "."}`;
}
