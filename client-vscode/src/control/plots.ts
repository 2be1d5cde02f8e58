/** Two plots over time: settled assertions against all, and money against its budget. Drawn as SVG without styles. */

import type { PointView } from "../protocol";
import { money, span } from "../words";
import { h, type Node } from "./nodes";

const WIDTH = 520, HEIGHT = 170, LEFT = 48, RIGHT = 12, TOP = 12, BOTTOM = 26;

interface Line {
  name: string;
  kind: string;
  values: number[];
  /** A value holds until the next one. */
  steps: boolean;
  filled: boolean;
}

export function assertionPlot(points: readonly PointView[]): Node {
  const all = Math.max(1, ...points.map((point) => point.assertions));
  return plot("Settled assertions over time", points.map((point) => point.at), all, String, [
    { name: "agreed", kind: "limit", values: points.map((point) => point.assertions), steps: true, filled: false },
    { name: "settled", kind: "settled", values: points.map((point) => point.settled), steps: true, filled: true },
  ]);
}

export function moneyPlot(points: readonly PointView[], budget: number | null): Node {
  const spent = Math.max(0, ...points.map((point) => point.dollars));
  // A budget far above what was spent would press the line flat: it is drawn where it can be seen.
  const near = budget !== null && budget <= spent * 4 && budget > 0;
  const top = near ? Math.max(spent, budget) : niceTop(spent);
  return plot("Money over time", points.map((point) => point.at), top, money, [
    ...(near ? [{ name: "budget", kind: "budget", values: points.map(() => budget), steps: false, filled: false }] : []),
    { name: "spent", kind: "spent", values: points.map((point) => point.dollars), steps: false, filled: true },
  ]);
}

/** The next of 1, 2, 5, 10 … that holds a value. */
export function niceTop(value: number): number {
  if (value <= 0) {
    return 1;
  }
  const unit = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10].map((each) => each * unit).find((each) => each >= value) ?? value;
}

function plot(title: string, times: number[], top: number, say: (value: number) => string, lines: Line[]): Node {
  const [first = 0, last = 0] = [times[0], times.at(-1)];
  const x = (at: number): number => LEFT + ((at - first) / Math.max(1e-9, last - first)) * (WIDTH - LEFT - RIGHT);
  const y = (value: number): number => HEIGHT - BOTTOM - (Math.min(value, top) / top) * (HEIGHT - TOP - BOTTOM);
  const shown = top / 2 === Math.round(top / 2) || say !== String ? [0, top / 2, top] : [0, top];
  const grid = shown.flatMap((value) => [
    h("line", { class: "grid", x1: LEFT, x2: WIDTH - RIGHT, y1: round(y(value)), y2: round(y(value)) }),
    h("text", { class: "axis", x: LEFT - 6, y: round(y(value)) + 4, "text-anchor": "end" }, say(value)),
  ]);
  const drawn = times.length < 2 ? [] : lines.flatMap((line) => draw(line, times.map(x), line.values.map(y), y(0)));
  return h("svg", { class: "plot", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": title },
    ...grid, ...drawn,
    h("text", { class: "axis", x: LEFT, y: HEIGHT - 6 }, "start"),
    h("text", { class: "axis", x: WIDTH - RIGHT, y: HEIGHT - 6, "text-anchor": "end" }, span(last - first)),
  );
}

function draw(line: Line, xs: number[], ys: number[], floor: number): Node[] {
  const points: [number, number][] = [];
  for (const [index, x] of xs.entries()) {
    const y = ys[index] ?? floor;
    if (line.steps && index > 0) {
      points.push([x, ys[index - 1] ?? floor]);
    }
    points.push([x, y]);
  }
  const path = points.map(([x, y]) => `${round(x)},${round(y)}`).join(" ");
  const [start = 0, end = 0] = [xs[0], xs.at(-1)];
  const area = h("polygon", { class: `area ${line.kind}`, points: `${round(start)},${round(floor)} ${path} ${round(end)},${round(floor)}` });
  return [...(line.filled ? [area] : []), h("polyline", { class: `line ${line.kind}`, points: path, fill: "none" })];
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
