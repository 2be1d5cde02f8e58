/** What a person agrees to, put together from a picture of the mission. */

import type { MissionView } from "./protocol";
import { count, money } from "./words";

/** What is proposed, in a few lines. */
export function proposal(view: MissionView): string {
  const { dollarsLow, dollars_low: low = dollarsLow, dollarsHigh, dollars_high: high = dollarsHigh } = view.estimate;
  const cost = low === undefined || high === undefined || high === 0 ? ""
    : `It may cost ${money(low)} to ${money(high)}; never more than its budget` +
      `${view.status.budget === null ? ", which is not set" : ` of ${money(view.status.budget)}`}.`;
  const live = view.assertions.filter((each) => each.status !== "removed").length;
  return [
    view.summary,
    [count(live, "assertion"), count(view.milestones.length, "milestone"), count(view.features.length, "feature")].join(", ") + ".",
    cost,
    ...view.warnings.map((warning) => `! ${warning}`),
    "Work begins at once. The contract holds from then on; you can amend it.",
  ].filter(Boolean).join("\n\n");
}
