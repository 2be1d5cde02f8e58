/** The contract's colours: which line is taken by which rule, and what is left to Markdown. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

interface Rule { match: string; name?: string; captures?: Record<string, { name: string }> }

const injection = JSON.parse(readFileSync("syntaxes/injection.tmLanguage.json", "utf8"));
const rules: [string, Rule][] = injection.patterns.map(({ include }: { include: string }) => {
  const name = include.slice(1);
  return [name, injection.repository[name]];
});

/** The rule that takes a line's beginning, with what each of its groups is called. */
function taken(line: string): string[] {
  for (const [name, rule] of rules) {
    const found = new RegExp(rule.match, "d").exec(line);
    if (found && found.index === 0) {
      const groups = Object.entries(rule.captures ?? {}).filter(([group]) => found[Number(group)] !== undefined);
      return [name, ...groups.map(([group, capture]) => `${found[Number(group)]}=${capture.name.split(".")[0]}`)];
    }
  }
  return [];
}

test("headings", () => {
  assert.deepEqual(taken("# Contract: team chat"), ["title", "#=punctuation", "Contract=keyword", "team chat=entity"]);
  assert.deepEqual(taken("## AUTH Signing in"), ["area", "##=punctuation", "AUTH=entity", "Signing in=entity"]);
  assert.deepEqual(taken("### AUTH-001 A user signs in"), ["assertion", "###=punctuation", "AUTH-001=constant", "A user signs in=entity"]);
  assert.deepEqual(taken("#### Not ours"), []);
  assert.deepEqual(taken("## lower case is Markdown's"), []);
});

test("fields", () => {
  assert.deepEqual(taken("- surface: browser"), ["choice", "-=punctuation", "surface=keyword", ":=punctuation", "browser=constant"]);
  assert.deepEqual(taken("- surface: telepathy").slice(0, 3), ["choice", "-=punctuation", "surface=keyword"]);
  assert.deepEqual(taken("- fails if: a reload loses it"), ["field", "-=punctuation", "fails if=keyword", ":=punctuation"]);
  assert.deepEqual(taken("- check: `python checks/a.py`").slice(-3), ["`=punctuation", "python checks/a.py=markup", "`=punctuation"]);
  assert.deepEqual(taken("- a plain point of a list"), []);
  const text = readFileSync("../server/milepost/domain/contract_grammar.py", "utf8");
  const [, table] = /^FIELDS = \{([^}]*)\}/m.exec(text) ?? [];
  const known = [...(table ?? "").matchAll(/"([a-z ]+)": /g)].map((found) => found[1]);
  assert.ok(known.includes("surface") && known.includes("removed"));
  assert.deepEqual(known.filter((name) => !taken(`- ${name}: x`).includes(`${name}=keyword`)), [], "every field of the grammar");
});

test("an unfinished merge stands out", () => {
  assert.deepEqual(taken("<<<<<<< yours"), ["conflict"]);
  assert.deepEqual(taken("======="), ["conflict"]);
});

test("the injection reaches the contract's own scope and no other Markdown", () => {
  const { grammars } = JSON.parse(readFileSync("package.json", "utf8")).contributes;
  assert.deepEqual(grammars[1].injectTo, [grammars[0].scopeName]);
  assert.match(injection.injectionSelector, /^L:text\.html\.markdown\.milepost /);
});
