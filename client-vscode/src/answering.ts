/** What was chosen or typed, as an order. */

import type { ItemView } from "./protocol";

export type Given = { order: "answer"; text: string } | { order: "resolve"; text: string };

/**
 * Options are given by their numbers, which the server knows; words as they are. An option that is a number itself, or
 * an own answer such as `400`, would otherwise be taken for the number of an option.
 */
export function given(item: ItemView, chosen: readonly string[]): Given {
  const numbers = chosen.map((text) => item.options.indexOf(text) + 1);
  return item.type === "question" && numbers.every((number) => number > 0)
    ? { order: "answer", text: numbers.sort((one, other) => one - other).join(", ") }
    : { order: "resolve", text: chosen.join("; ") };
}
