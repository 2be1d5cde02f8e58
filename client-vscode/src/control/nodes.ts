/** Elements as plain data: made without a browser, so that tests read them, and put into one without any HTML text. */

export type Child = Node | string | undefined | false;

export interface Node {
  tag: string;
  attributes: Record<string, string>;
  children: (Node | string)[];
}

/** An element; `undefined` and `false` among its children are left out. */
export function h(tag: string, attributes: Record<string, string | number | undefined> = {}, ...children: Child[]): Node {
  const kept = Object.entries(attributes).filter(([, value]) => value !== undefined && value !== "");
  return {
    tag,
    attributes: Object.fromEntries(kept.map(([name, value]) => [name, String(value)])),
    children: children.filter((child): child is Node | string => typeof child === "object" || typeof child === "string"),
  };
}

/** All text below a node, in order. */
export function textOf(node: Node | string): string {
  return typeof node === "string" ? node : node.children.map(textOf).filter(Boolean).join(" ");
}

/** Every node below one, itself included. */
export function* walk(node: Node): Generator<Node> {
  yield node;
  for (const child of node.children) {
    if (typeof child !== "string") {
      yield* walk(child);
    }
  }
}

const DRAWN = new Set(["svg", "path", "line", "rect", "circle", "polyline", "polygon", "text", "g", "title"]);
const NAMESPACE = "http://www.w3.org/2000/svg";

/** Make a real element of it. Text stays text: nothing that an agent wrote is ever read as HTML. */
export function grow(node: Node, inDrawing = false): Element {
  const drawn = node.tag === "svg" || (inDrawing && DRAWN.has(node.tag));
  const element = drawn ? document.createElementNS(NAMESPACE, node.tag) : document.createElement(node.tag);
  for (const [name, value] of Object.entries(node.attributes)) {
    element.setAttribute(name, value);
  }
  for (const child of node.children) {
    element.append(typeof child === "string" ? child : grow(child, drawn));
  }
  return element;
}
