/** Pictures are pulled when somebody looks, once for a burst of changes; a hung server is started again once. */

import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";

import { CALM_MS, Missions, PATIENCE_MS } from "../src/missions";
import type { MissionStatus, SnapshotParams } from "../src/protocol";
import { EVERY_MS, Watchdog } from "../src/watchdog";
import { status, view } from "./sample";

const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

function made(context: TestContext) {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const asked: SnapshotParams[] = [];
  let revision = 40;
  const missions = new Missions((params) => {
    asked.push(params);
    const unchanged = params.ifRevision === revision;
    const now = view({ status: status({ revision }) });
    return Promise.resolve({ revision, unchanged, missions: unchanged ? [] : [now] });
  }, (error) => assert.fail(String(error)));
  const tell = (...told: MissionStatus[]) => missions.see({ revision, quiescent: true, missions: told });
  const calm = async () => {
    context.mock.timers.tick(CALM_MS);
    await settled();
    await settled();
  };
  return { missions, asked, tell, calm, happens: () => (revision += 1) };
}

test("nobody looks: nothing is pulled", async (context) => {
  const { missions, asked, tell, calm } = made(context);
  tell(status());
  missions.invalidate({ mission: "mazes", revision: 41, what: ["verdicts"] });
  await calm();
  assert.deepEqual(asked, []);
});

test("a burst of changes is one pull, and says which picture is known", async (context) => {
  const { missions, asked, tell, calm, happens } = made(context);
  const unwatch = missions.watch();
  tell(status());
  await calm();
  happens();
  for (const _ of Array(20)) {
    missions.invalidate({ mission: "mazes", revision: 41, what: ["activity"] });
  }
  await calm();
  assert.deepEqual(asked, [{ mission: "mazes", ifRevision: undefined }, { mission: "mazes", ifRevision: 40 }]);
  assert.equal(missions.view("mazes")?.status.revision, 41);
  unwatch();
  missions.invalidate({ mission: "mazes", revision: 42, what: ["money"] });
  await calm();
  assert.equal(asked.length, 2);
});

test("what did not change is not told again", async (context) => {
  const { missions, tell, calm } = made(context);
  missions.watch();
  tell(status());
  await calm();
  let told = 0;
  missions.listen(() => (told += 1));
  assert.equal((await missions.fresh("mazes")).status.revision, 40);
  assert.equal(told, 0);
});

test("a mission that is gone takes its picture with it", async (context) => {
  const { missions, tell, calm } = made(context);
  missions.watch();
  tell(status());
  await calm();
  tell();
  assert.equal(missions.view("mazes"), undefined);
});

test("a command waits for the first status, and not for ever", async (context) => {
  const { missions, tell } = made(context);
  const first = missions.told();
  tell(status());
  await first;
  missions.clear();
  const never = missions.told();
  context.mock.timers.tick(PATIENCE_MS);
  await never;
});

test("three missed answers restart the server, once", async (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const said: string[] = [];
  let answers = false;
  const dog: Watchdog = new Watchdog({
    ping: () => (answers ? Promise.resolve() : new Promise(() => undefined)),
    restart: (reason) => {
      said.push(`restart: ${reason}`);
      dog.watch();
    },
    giveUp: (reason) => said.push(`give up: ${reason}`),
  });
  const beats = async (count: number) => {
    for (const _ of Array(count)) {
      context.mock.timers.tick(EVERY_MS);
      await settled();
    }
  };
  dog.watch();
  answers = true;
  await beats(10);
  assert.deepEqual(said, []);
  answers = false;
  await beats(5);
  assert.deepEqual(said, ["restart: the server did not answer for 30 s"]);
  await beats(5);
  assert.deepEqual(said.length, 2);
  assert.match(said[1] ?? "", /^give up: .*again/);
  await beats(10);
  assert.equal(said.length, 2);
});
