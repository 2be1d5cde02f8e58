/** The script of Mission Control's page: draws what it is sent, and passes on what is clicked. It keeps no state. */

import type { ToPage } from "./messages";
import { grow, type Node } from "./nodes";
import { blank, screen } from "./screen";

interface Host {
  postMessage(message: unknown): void;
  setState(state: unknown): void;
}

declare function acquireVsCodeApi(): Host;

const host = acquireVsCodeApi();
const root = document.getElementById("screen") as HTMLElement;
const drawn = new Map<string, string>();

/** Sections that did not change stay as they are, with their scroll position and selection. */
function draw(sections: Node[]): void {
  const keys = sections.map((section) => section.attributes["data-key"] ?? "");
  for (const key of [...drawn.keys()].filter((each) => !keys.includes(each))) {
    root.querySelector(`:scope > [data-key="${key}"]`)?.remove();
    drawn.delete(key);
  }
  for (const [index, section] of sections.entries()) {
    const key = keys[index] ?? "";
    const now = JSON.stringify(section);
    if (drawn.get(key) === now) {
      continue;
    }
    const old = root.querySelector(`:scope > [data-key="${key}"]`);
    if (old) {
      const unfolded = [...old.querySelectorAll<HTMLElement>("details[open]")].map((each) => each.dataset.fold);
      const grown = grow(section);
      for (const each of grown.querySelectorAll<HTMLDetailsElement>("details")) {
        each.open = unfolded.includes(each.dataset.fold);
      }
      old.replaceWith(grown);
    } else {
      root.insertBefore(grow(section), root.children[index] ?? null);
    }
    drawn.set(key, now);
  }
}

window.addEventListener("message", (event: MessageEvent<ToPage>) => {
  const message = event.data;
  if (message.type === "view") {
    host.setState({ mission: message.view.status.mission });
    draw(screen(message.view, message.missions));
  } else if (message.type === "blank") {
    draw(blank(message.text));
  }
});

document.addEventListener("click", (event) => {
  const clicked = (event.target as Element | null)?.closest<HTMLElement>("[data-command], [data-open]");
  if (!clicked) {
    return;
  }
  event.preventDefault();
  const { command, open, line, mission, milestone, feature, assertion, item } = clicked.dataset;
  if (command) {
    host.postMessage({ type: "command", command, target: { mission, milestone, feature, assertion, item } });
  } else {
    host.postMessage({ type: "open", uri: open, line: line === undefined ? undefined : Number(line) });
  }
});

document.addEventListener("change", (event) => {
  const chosen = event.target as HTMLSelectElement | null;
  if (chosen?.dataset.choose === "mission") {
    host.postMessage({ type: "choose", mission: chosen.value });
  }
});

host.postMessage({ type: "ready" });
