/** What can be clicked in Mission Control: orders with their target, and places to open. Both go to the extension. */

import type { Target } from "../branches";
import type { PaletteName } from "../palette";
import { h, type Node } from "./nodes";

/** A button that runs one of the palette's commands for a target. */
export function act(command: PaletteName, target: Target, label: string, kind = ""): Node {
  const { mission, milestone, feature, assertion, item } = target;
  return h("button", {
    type: "button", class: kind, "data-command": command, "data-mission": mission, "data-milestone": milestone,
    "data-feature": feature, "data-assertion": assertion, "data-item": item,
  }, label);
}

/** A link to a place in a file; plain text where there is no place. */
export function link(label: string, uri: string, line = -1): Node {
  return uri ? h("a", { href: "#", "data-open": uri, "data-line": line >= 0 ? line : undefined }, label) : h("span", {}, label);
}
