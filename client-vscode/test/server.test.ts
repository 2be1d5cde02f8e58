/** How the server is looked for: which rule wins, what is passed over, and what a person is told. */

import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { test } from "node:test";

import { asking, candidates, complaint, environment, examine, search, verdict, type Ask, type Where } from "../src/server";

const WHERE: Where = {
  setting: "", folders: ["/repo"], trusted: true, path: "/usr/bin:/opt/bin", home: "/home/ada", windows: false,
};
const SAID = { version: "0.1.0", protocolVersions: [1], python: "3.11.7", location: "/usr/lib" };
const answers: Ask = () => Promise.resolve(JSON.stringify(SAID));
const among = (...files: string[]) => (file: string) => files.includes(file);

test("the workspace's own installation comes before the PATH, and only where it is trusted", () => {
  const there = among("/repo/.venv/bin/milepost", "/opt/bin/milepost");
  assert.deepEqual(candidates(WHERE, there).map((each) => each.rule), ["workspace", "path"]);
  assert.deepEqual(candidates({ ...WHERE, trusted: false }, there), [{ rule: "path", command: "/opt/bin/milepost" }]);
});

test("a setting stands alone: what somebody chose is not passed over", async () => {
  const there = among("/repo/.venv/bin/milepost", "/opt/bin/milepost");
  assert.deepEqual(candidates({ ...WHERE, setting: "~/bin/milepost" }, there), [{ rule: "setting", command: "/home/ada/bin/milepost" }]);
  const found = await search({ ...WHERE, setting: "/gone/milepost" }, () => Promise.reject(new Error("there is no such program")), there);
  assert.equal(found.found, undefined);
  assert.match(complaint(found), /\/gone\/milepost .*no such program.*Change milepost\.server\.path/);
});

test("a bare name in the setting is looked up, a relative path is refused", async () => {
  assert.deepEqual(candidates({ ...WHERE, setting: "milepost" }, among("/opt/bin/milepost")), [
    { rule: "setting", command: "/opt/bin/milepost" },
  ]);
  const found = await search({ ...WHERE, setting: "bin/milepost" }, answers, () => false);
  assert.match(complaint(found), /absolute path/);
});

test("relative entries of the PATH are passed over, and a restricted workspace's own folders too", () => {
  const where = { ...WHERE, trusted: false, path: ".:bin:/repo/node_modules/.bin:/repository/bin:/opt/bin" };
  const there = among("milepost", "bin/milepost", "/repo/node_modules/.bin/milepost", "/repository/bin/milepost");
  assert.deepEqual(candidates(where, there), [{ rule: "path", command: "/repository/bin/milepost" }]);
});

test("an own installation that cannot serve is passed over for the PATH, and the reason is kept", async () => {
  const there = among("/repo/.venv/bin/milepost", "/opt/bin/milepost");
  const old: Ask = (command) =>
    Promise.resolve(JSON.stringify({ ...SAID, protocolVersions: command.startsWith("/repo") ? [7] : [1, 2] }));
  const found = await search(WHERE, old, there);
  assert.equal(found.found?.command, "/opt/bin/milepost");
  assert.match(found.rejected[0]?.reason ?? "", /speaks protocol 7; this extension needs 1/);
  assert.match(verdict(found.found as never), /found by `milepost` on the PATH: Milepost 0\.1\.0, protocol 1, 2, Python 3\.11\.7/);
});

test("a mismatch of protocols names the setting that mends it", async () => {
  const found = await search(WHERE, () => Promise.resolve('{"version": "9", "protocolVersions": [2]}'), among("/opt/bin/milepost"));
  assert.match(complaint(found), /Milepost 9 speaks protocol 2; this extension needs 1\. .*milepost\.server\.path/);
});

test("what is not JSON is not a server", async () => {
  const answer = await examine({ rule: "path", command: "/usr/bin/milepost" }, () => Promise.resolve("milepost 0.1.0\n"));
  assert.match("reason" in answer ? answer.reason : "", /expected its version as JSON/);
});

test("with nothing found, a person is told how to install it", async () => {
  assert.match(complaint(await search(WHERE, answers, () => false)), /pipx install milepost.*milepost\.server\.path/);
});

test("nothing of a surrounding Python or editor gets into its environment", () => {
  const made = environment({ PATH: "/bin", PYTHONPATH: "/evil", PYTHONHOME: "/evil", VSCODE_PID: "1", HOME: "/home/ada" });
  assert.deepEqual(made, { PATH: "/bin", HOME: "/home/ada", PYTHONSAFEPATH: "1", PYTHONUNBUFFERED: "1", PYTHONUTF8: "1" });
});

test("a real program is asked without a shell, and its last words are told", async () => {
  const folder = mkdtempSync(path.join(tmpdir(), "milepost-"));
  try {
    const program = path.join(folder, "milepost; echo no");
    writeFileSync(program, '#!/bin/sh\necho "{\\"pwd\\": \\"$(pwd)\\"}"; [ "$1" = --version ] || { echo first >&2; echo why >&2; exit 3; }\n');
    chmodSync(program, 0o755);
    const ask = asking(folder, process.env);
    assert.equal(JSON.parse(await ask(program, ["--version", "--json"])).pwd, folder);
    await assert.rejects(ask(program, ["lsp"]), /^Error: why$/);
    await assert.rejects(ask(path.join(folder, "gone"), []), /no such program/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
