// A session as VS Code has it: its own protocol library, on the pipes of a real server.
//   node session.mjs REPOSITORY MISSION COMMAND...

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { pathToFileURL } from "node:url";
import * as protocol from "vscode-languageserver-protocol/node";

const [repository, mission, program, ...words] = process.argv.slice(2);
const folder = { uri: pathToFileURL(repository).href, name: "shop" };
const capabilities = {
  window: { workDoneProgress: true },
  workspace: { workspaceFolders: true, codeLens: { refreshSupport: true } },
  textDocument: { publishDiagnostics: { versionSupport: true, relatedInformation: true } },
};
const gated = { ...capabilities, experimental: { milepost: { protocolVersion: 1 } } };

// A client that fails on whatever the library complains of.
class Client {
  constructor() {
    this.process = spawn(program, words, { cwd: repository, stdio: ["pipe", "pipe", "inherit"] });
    this.exited = once(this.process, "exit").then(([code]) => code);
    this.connection = protocol.createProtocolConnection(
      new protocol.StreamMessageReader(this.process.stdout), new protocol.StreamMessageWriter(this.process.stdin),
    );
    this.trouble = [];
    this.heard = [];
    this.waiting = [];
    this.connection.onError(([error]) => this.trouble.push(error.message));
    this.connection.onUnhandledNotification((message) => this.hear(message.method, message.params));
    this.connection.onNotification("milepost/status", (params) => this.hear("milepost/status", params));
    this.connection.onNotification(protocol.PublishDiagnosticsNotification.type, (params) => this.hear("diagnostics", params));
    this.connection.onNotification(protocol.ShowMessageNotification.type, (params) => this.hear("message", params));
    this.connection.onRequest(protocol.WorkDoneProgressCreateRequest.type, () => {});
    this.connection.onRequest(protocol.CodeLensRefreshRequest.type, () => {});
    this.connection.onRequest(protocol.ShowMessageRequest.type, () => null);
    this.connection.listen();
  }

  hear(method, params) {
    this.heard.push({ method, params });
    this.waiting = this.waiting.filter((look) => !look());
  }

  // The params of the first message of a kind that fit.
  heardOf(method, fits = () => true) {
    return new Promise((resolve) => {
      const look = () => {
        const found = this.heard.find((each) => each.method === method && fits(each.params));
        if (found) resolve(found.params);
        return found;
      };
      if (!look()) this.waiting.push(look);
    });
  }

  async open(given = gated, trusted = true) {
    const result = await this.connection.sendRequest(protocol.InitializeRequest.type, {
      processId: process.pid, rootUri: folder.uri, workspaceFolders: [folder], capabilities: given,
      initializationOptions: { trusted },
    });
    await this.connection.sendNotification(protocol.InitializedNotification.type, {});
    return result;
  }

  command(name, given) {
    return this.connection.sendRequest(protocol.ExecuteCommandRequest.type, {
      command: `milepost.${name}`, arguments: [given],
    });
  }

  async leave(shut = true) {
    if (shut) await this.connection.sendRequest(protocol.ShutdownRequest.type);
    await this.connection.sendNotification(protocol.ExitNotification.type);
    assert.deepEqual(this.trouble, []);
    return this.exited;
  }
}

const said = (code, words) => (error) => error.code === code && words.test(error.message);

async function handshakeAndGate(client) {
  const { capabilities: can, serverInfo } = await client.open();
  assert.equal(serverInfo.name, "milepost");
  assert.deepEqual(can.experimental.milepost.protocolVersions, [1]);
  assert.ok(can.executeCommandProvider.commands.includes("milepost.approve"));
  const status = await client.heardOf("milepost/status", (params) => params.missions.length);
  assert.equal(status.missions[0].mission, mission);
  const first = await client.connection.sendRequest("milepost/snapshot", {});
  assert.equal(first.missions[0].status.mission, mission);
  const again = await client.connection.sendRequest("milepost/snapshot", { ifRevision: first.revision });
  assert.deepEqual(again, { revision: first.revision, unchanged: true, missions: [] });
  assert.ok((await client.connection.sendRequest("milepost/ping", {})).uptime >= 0);
}

async function documents(client) {
  const { uri, text } = await client.connection.sendRequest("milepost/document", { mission, document: "contract" });
  await client.connection.sendNotification(protocol.DidOpenTextDocumentNotification.type, {
    textDocument: { uri, languageId: "milepost-contract", version: 7, text },
  });
  const shown = await client.heardOf("diagnostics", (params) => params.uri === uri && params.version === 7);
  assert.ok(shown.diagnostics.some((each) => each.code === "MISSION-FAILED"));
  const line = text.split("\n").findIndex((each) => each.startsWith("### SHOP-002"));
  const place = { textDocument: { uri }, position: { line, character: 6 } };
  const hover = await client.connection.sendRequest(protocol.HoverRequest.type, place);
  assert.match(hover.contents.value, /A price is served/);
  const lenses = await client.connection.sendRequest(protocol.CodeLensRequest.type, { textDocument: { uri } });
  assert.ok(lenses.some((lens) => /failed/.test(lens.command.title)));
}

async function commands(client) {
  const given = await client.command("steer", { mission, text: "keep the old prices" });
  assert.equal(given.accepted, true);
  assert.ok(given.id);
  await client.heardOf("milepost/status", (params) => params.missions[0].revision > given.revision);
  await assert.rejects(client.command("steer", { mission: "nobody", text: "x" }), said(-32803, /no mission is called/));
  await assert.rejects(client.command("steer", { mission }), said(-32602, /text/));
  await assert.rejects(client.connection.sendRequest("milepost/nothing", {}), said(-32601, /./));
  await client.command("land", { mission });
  const refused = await client.heardOf("message", (params) => params.message.startsWith(`${mission}: land`));
  assert.equal(refused.type, protocol.MessageType.Error);
}

async function cancelled(client) {
  const source = new protocol.CancellationTokenSource();
  const asked = client.connection.sendRequest("milepost/doctor", {}, source.token);
  source.cancel();
  await assert.rejects(asked, said(protocol.LSPErrorCodes.RequestCancelled, /./));
  assert.ok(await client.connection.sendRequest("milepost/ping", {}));
}

const client = new Client();
for (const part of [handshakeAndGate, documents, commands, cancelled]) {
  await part(client);
  console.log(part.name);
}
assert.equal(await client.leave(), 0);

const hasty = new Client();
await hasty.open();
assert.equal(await hasty.leave(false), 1);

const plain = new Client();
const { capabilities: less } = await plain.open(capabilities, false);
assert.equal(less.experimental, undefined);
await assert.rejects(plain.connection.sendRequest("milepost/snapshot", {}), said(-32803, /did not ask/));
await plain.heardOf("diagnostics");
assert.ok(!plain.heard.some(({ method }) => method.startsWith("milepost/")));
assert.equal(await plain.leave(), 0);
console.log("left");
