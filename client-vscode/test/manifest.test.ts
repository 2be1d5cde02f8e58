/** The manifest: everything declared is used and everything used is declared; and the package holds what it should. */

import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { test } from "node:test";

import { createVSIX } from "@vscode/vsce";

import { commandId, HARMLESS, PALETTE } from "../src/palette";
import { SETTING } from "../src/server";

interface Menu { command: string; when?: string }
interface Property { scope?: string; default: unknown; description?: string; markdownDescription?: string }

const manifest = JSON.parse(readFileSync("package.json", "utf8"));
const contributes = manifest.contributes;
const sources = readdirSync("src", { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".ts"))
  .map((name) => readFileSync(path.join("src", name), "utf8")).join("\n");
const menus: Menu[] = Object.values(contributes.menus as Record<string, Menu[]>).flat();
const properties: Record<string, Property> = contributes.configuration.properties;

test("every command of the palette is declared, and every declared one has its deed", () => {
  const declared = contributes.commands.map((each: Menu) => each.command).sort();
  assert.deepEqual(declared, PALETTE.map(commandId).sort());
});

test("every command has a title in one form", () => {
  for (const { title, category } of contributes.commands) {
    assert.equal(category, "Milepost");
    assert.match(title, /^[A-Z][A-Za-z ]+…?$/);
  }
});

test("menus, views and walkthroughs name only commands that exist", () => {
  const own = [...sources.matchAll(/registerCommand\("([^"]+)"/g)].map((found) => found[1] ?? "");
  const known = new Set<string>([...PALETTE.map(commandId), ...own]);
  const named = [
    ...menus.map((each) => each.command),
    ...[...JSON.stringify([contributes.viewsWelcome, contributes.walkthroughs]).matchAll(/command:(milepost[\w.]+)/gi)].map((found) => found[1]),
    ...[...JSON.stringify(contributes.walkthroughs).matchAll(/onCommand:([\w.]+)/g)].map((found) => found[1]),
  ];
  assert.deepEqual(named.filter((name) => !known.has(name ?? "")), []);
});

test("every key of a when clause is set by the editor or by us", () => {
  const editors = /^(view|viewItem|isWorkspaceTrusted|workspaceFolderCount|editorLangId|true|false)$/;
  const whens = [...menus, ...contributes.viewsWelcome].map((each: Menu) => each.when ?? "");
  for (const when of whens) {
    const bare = when.replace(/=~ \/.*?\//g, "").replace(/[=!<>]=? *[\w.-]+/g, (found) => (/^!\w/.test(found) ? found.slice(1) : ""));
    for (const key of bare.match(/[A-Za-z][\w.-]*/g) ?? []) {
      assert.ok(editors.test(key) || sources.includes(`"${key}":`), `${key} in ${when} is set nowhere`);
    }
  }
});

test("the extension wakes for a repository, a mission's tree beside its log, and its own panel; and for nothing else", () => {
  assert.deepEqual(manifest.activationEvents, [
    "workspaceContains:.git", "workspaceContains:../mission.db", "onWebviewPanel:milepost.control",
  ]);
});

test("at most ten settings, and a repository sets only what is shown, trusted or not", () => {
  assert.ok(Object.keys(properties).length <= 10);
  const shown = ["milepost.codeLens.enabled", "milepost.inlayHints.enabled", "milepost.statusBar.enabled", "milepost.notifications"];
  for (const [name, property] of Object.entries(properties)) {
    assert.equal(property.scope, shown.includes(name) ? "window" : "machine", name);
    assert.ok(property.description ?? property.markdownDescription, name);
  }
  const restricted = manifest.capabilities.untrustedWorkspaces.restrictedConfigurations;
  assert.deepEqual(restricted, [SETTING, "milepost.model", "milepost.apiBase", "milepost.budget"]);
  assert.equal(manifest.capabilities.untrustedWorkspaces.supported, "limited");
});

test("every setting is read somewhere", () => {
  for (const name of Object.keys(properties)) {
    const read = sources.includes(`"${name.replace("milepost.", "")}"`) || name === "milepost.trace.server";
    assert.ok(read, `${name} is read nowhere`);
  }
});

test("in Restricted Mode one can look and care for the extension, and start nothing", () => {
  for (const name of ["newMission", "demo", "run", "approve", "land", "answer", "setKey", "publish"] as const) {
    assert.ok(!HARMLESS.has(name), name);
  }
});

test("the server's own command ids are left to the language client", () => {
  const registered = [...sources.matchAll(/registerCommand\("([^"]+)"/g)].map((found) => found[1] ?? "");
  assert.deepEqual(registered.filter((name) => /^milepost\.[a-z]+$/i.test(name)), []);
});

test("files that the manifest names are there", () => {
  const named = [...JSON.stringify(contributes).matchAll(/"(?:\.\/)?((?:media|syntaxes|walkthrough)\/[^"]+|language-configuration\.json)"/g)];
  assert.ok(named.length > 8);
  for (const [, file] of [...named, [, manifest.icon], [, manifest.main]]) {
    assert.ok(existsSync(file as string), file);
  }
});

test("dependencies are pinned exactly, and the lock names no place", () => {
  for (const version of Object.values(manifest.devDependencies)) {
    assert.match(version as string, /^\d+\.\d+\.\d+$/);
  }
  assert.equal(manifest.devDependencies["vscode-languageclient"], "11.0.0");
  assert.equal(manifest.dependencies, undefined);
  const lock = readFileSync("package-lock.json", "utf8");
  assert.doesNotMatch(lock, /"resolved"|"https?:\/\/[^"]*(registry|npm|mirror)/);
});

test("the package holds what it should, and is small", async () => {
  const folder = mkdtempSync(path.join(tmpdir(), "milepost-"));
  try {
    const packagePath = path.join(folder, "milepost.vsix");
    await createVSIX({ cwd: process.cwd(), packagePath, dependencies: false, allowMissingRepository: true });
    assert.ok(statSync(packagePath).size < 1_000_000, `${statSync(packagePath).size} bytes`);
    assert.deepEqual(entries(readFileSync(packagePath)).sort(), [
      "[Content_Types].xml", "extension.vsixmanifest",
      "extension/LICENSE.txt", "extension/changelog.md", "extension/dist/NOTICES.txt", "extension/dist/control.js",
      "extension/dist/extension.js", "extension/language-configuration.json", "extension/media/contract-dark.svg",
      "extension/media/contract-light.svg", "extension/media/control.css", "extension/media/icon.png",
      "extension/media/milepost.svg", "extension/package.json", "extension/readme.md",
      "extension/syntaxes/contract.tmLanguage.json", "extension/syntaxes/injection.tmLanguage.json",
      "extension/walkthrough/contract.md", "extension/walkthrough/demo.md", "extension/walkthrough/doctor.md",
      "extension/walkthrough/logs.md", "extension/walkthrough/mission.md",
    ].sort());
  } finally {
    rmSync(folder, { recursive: true });
  }
});

/** Names in a zip file, from its central directory. */
function entries(zip: Buffer): string[] {
  const names: string[] = [];
  for (let at = zip.indexOf("PK\x01\x02", 0, "latin1"); at >= 0; at = zip.indexOf("PK\x01\x02", at + 46, "latin1")) {
    names.push(zip.toString("utf8", at + 46, at + 46 + zip.readUInt16LE(at + 28)));
  }
  return names;
}
