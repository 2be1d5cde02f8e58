/** The connection to `milepost lsp`: looked for, started, watched, started again, one thing after the other. */

import { type ChildProcess, spawn } from "node:child_process";
import { homedir } from "node:os";
import { createInterface } from "node:readline";

import * as vscode from "vscode";
import {
  CloseAction, CodeLensRequest, ErrorAction, InlayHintRequest, LanguageClient, type LanguageClientOptions,
  RevealOutputChannelOn, type StaticFeature, type StreamInfo,
} from "vscode-languageclient/node";

import type { Journal } from "./journal";
import { type ChangedParams, METHODS, PROTOCOL_VERSION, type StatusParams } from "./protocol";
import { asking, complaint, environment, type Installation, RULES, search, type Search, verdict } from "./server";
import { Watchdog } from "./watchdog";

export type Standing = "idle" | "starting" | "running" | "missing" | "stopped";

/** Deaths within this time count together, and after so many it stays down until somebody asks for it. */
const DEATHS = 4;
const DEATHS_WITHIN_MS = 180_000;
const START_MS = 30_000;
const STOP_MS = 2_000;

/** What happens around a connection; given by the extension. */
export interface Surroundings {
  told(status: StatusParams): void;
  changed(changed: ChangedParams): void;
  /** The server is there, new or again. */
  started(): void;
  /** An action of a lens, a diagnostic or a hover was chosen. */
  chosen(command: string, args: unknown[]): Promise<unknown>;
}

export class Client implements vscode.Disposable {
  standing: Standing = "idle";
  /** Why it is missing or stopped. */
  detail = "";
  installation: Installation | undefined;
  private readonly changes = new vscode.EventEmitter<void>();
  readonly onDidChange = this.changes.event;
  private client: LanguageClient | undefined;
  private process: ChildProcess | undefined;
  private queue: Promise<unknown> = Promise.resolve();
  private deaths: number[] = [];
  private readonly watchdog: Watchdog;

  constructor(
    private readonly log: Journal, private readonly trace: Journal, private readonly around: Surroundings,
  ) {
    this.watchdog = new Watchdog({
      ping: () => this.client?.sendRequest(METHODS.ping, {}) ?? Promise.reject(new Error("no server")),
      restart: (reason) => void this.restart(reason),
      giveUp: (reason) => void this.inTurn(() => this.down("stopped", reason)),
    });
  }

  /** Whether the server is there; starts it where it is not. */
  ensure(): Promise<boolean> {
    return this.inTurn(async () => this.standing === "running" || (await this.start()));
  }

  restart(reason: string): Promise<boolean> {
    return this.inTurn(async () => {
      this.log.info(`restarting: ${reason}`);
      await this.end();
      return this.start();
    });
  }

  /** Trust was granted, or the setting changed: another program may serve this window now. */
  reconsider(): Promise<boolean> {
    return this.inTurn(async () => {
      const { found } = await this.look();
      if (this.standing === "running" && found?.command === this.installation?.command) {
        return true;
      }
      this.log.info("another program serves this window now");
      await this.end();
      return this.start();
    });
  }

  /** Ask for something that the user wants: the server is started for it. Throws an error that is for them. */
  async request<R>(method: string, params: unknown): Promise<R> {
    await this.ensure();
    return this.pull<R>(method, params);
  }

  /** Ask for something that is shown: a server that is on its way is waited for, one that is away stays away. */
  async pull<R>(method: string, params: unknown): Promise<R> {
    await this.queue;
    if (this.standing !== "running" || !this.client) {
      throw new Error(this.detail || "Milepost's server is not running.");
    }
    return this.client.sendRequest<R>(method, params);
  }

  /** Tell the server something; without a server there is nobody to be told. */
  notify(method: string, params: unknown): void {
    if (this.standing === "running") {
      this.client?.sendNotification(method, params).catch((error: unknown) => this.log.warn(`${method}: ${String(error)}`));
    }
  }

  /** A setting changed what lenses and hints are to show. */
  refresh(): void {
    for (const { document } of vscode.window.visibleTextEditors) {
      this.client?.getFeature(CodeLensRequest.method)?.getProvider(document)?.onDidChangeCodeLensEmitter.fire();
      this.client?.getFeature(InlayHintRequest.method)?.getProvider(document)?.onDidChangeInlayHints.fire();
    }
  }

  stop(): Promise<void> {
    return this.inTurn(() => this.end());
  }

  dispose(): void {
    void this.stop();
    this.changes.dispose();
  }

  /** One thing after the other: a start never overlaps a stop, however many ask for it. */
  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.queue.then(work);
    this.queue = turn.catch(() => undefined);
    return turn;
  }

  private async start(): Promise<boolean> {
    this.stands("starting", "");
    const searched = await this.look();
    for (const rejected of searched.rejected) {
      this.log.warn(`${rejected.command} (${RULES[rejected.rule]}): ${rejected.reason}`);
    }
    if (!searched.found) {
      this.log.error(complaint(searched));
      this.stands("missing", complaint(searched));
      return false;
    }
    this.installation = searched.found;
    this.log.info(verdict(searched.found));
    return this.connect(searched.found);
  }

  private look(): Promise<Search> {
    const setting = vscode.workspace.getConfiguration("milepost").get("server.path", "");
    const folders = (vscode.workspace.workspaceFolders ?? []).filter((each) => each.uri.scheme === "file");
    const where = {
      setting, folders: folders.map((each) => each.uri.fsPath), trusted: vscode.workspace.isTrusted,
      path: process.env.PATH ?? "", home: homedir(), windows: process.platform === "win32",
    };
    return search(where, asking(homedir(), process.env));
  }

  private async connect(installation: Installation): Promise<boolean> {
    const client = new QuietClient("milepost", "Milepost", () => this.spawn(installation), this.options());
    client.registerFeature(GATE);
    client.onNotification(METHODS.status, (told: StatusParams) => this.around.told(told));
    client.onNotification(METHODS.changed, (changed: ChangedParams) => this.around.changed(changed));
    this.client = client;
    const patience = setTimeout(() => this.process?.kill("SIGKILL"), START_MS);
    try {
      await client.start();
    } catch (error) {
      await this.down("stopped", `the server did not start: ${error instanceof Error ? error.message : String(error)}`);
      return false;
    } finally {
      clearTimeout(patience);
    }
    const spoken: unknown = client.initializeResult?.capabilities.experimental?.milepost?.protocolVersions;
    if (!Array.isArray(spoken) || !spoken.includes(PROTOCOL_VERSION)) {
      await this.down("stopped", `the server does not speak protocol ${PROTOCOL_VERSION}; update Milepost`);
      return false;
    }
    this.stands("running", "");
    this.watchdog.watch();
    this.around.started();
    return true;
  }

  /**
   * No shell, and from the user's own folder: a repository's `.env` or modules must not reach the server by where it
   * is started.
   */
  private async spawn(installation: Installation): Promise<StreamInfo> {
    const child = spawn(installation.command, ["lsp"], {
      cwd: homedir(), env: environment(process.env), stdio: ["pipe", "pipe", "pipe"], windowsHide: true,
    });
    this.process = child;
    createInterface({ input: child.stderr, crlfDelay: Infinity }).on("line", (line) => this.log.pass(line));
    child.on("exit", (code, signal) => this.log.info(`the server ended: ${signal ?? `exit code ${code}`}`));
    await new Promise<void>((resolve, reject) => child.once("spawn", resolve).once("error", reject));
    child.stdin.on("error", () => undefined); // it went away while we wrote; its end is dealt with elsewhere
    return { reader: child.stdout, writer: child.stdin };
  }

  private options(): LanguageClientOptions {
    const setting = (name: string): boolean => vscode.workspace.getConfiguration("milepost").get(name, true);
    return {
      documentSelector: [{ scheme: "file" }],
      outputChannel: this.log,
      traceOutputChannel: this.trace,
      revealOutputChannelOn: RevealOutputChannelOn.Never,
      diagnosticCollectionName: "milepost",
      initializationOptions: () => ({ trusted: vscode.workspace.isTrusted, clientName: "vscode", settings: {} }),
      initializationFailedHandler: () => false,
      markdown: { isTrusted: false, supportHtml: false },
      errorHandler: {
        error: () => ({ action: ErrorAction.Continue, handled: true }),
        closed: () => {
          setImmediate(() => this.died()); // once the client has put away what it had open
          return { action: CloseAction.DoNotRestart, handled: true };
        },
      },
      middleware: {
        executeCommand: (command, args) => this.around.chosen(command, args),
        provideCodeLenses: (document, token, next) => (setting("codeLens.enabled") ? next(document, token) : []),
        provideInlayHints: (document, range, token, next) =>
          setting("inlayHints.enabled") ? next(document, range, token) : [],
      },
    };
  }

  /** The connection closed and nobody had asked for it. */
  private died(): void {
    if (this.standing !== "running") {
      return; // the start that is under way says so itself
    }
    const now = Date.now();
    this.deaths = [...this.deaths.filter((at) => now - at < DEATHS_WITHIN_MS), now];
    if (this.deaths.length < DEATHS) {
      void this.restart("the server went away");
    } else {
      const reason = `the server ended ${DEATHS} times within ${DEATHS_WITHIN_MS / 60_000} minutes`;
      void this.inTurn(() => this.down("stopped", reason));
    }
  }

  private async down(standing: Standing, reason: string): Promise<void> {
    this.log.error(reason);
    await this.end();
    this.stands(standing, reason);
  }

  private async end(): Promise<void> {
    this.watchdog.stop();
    const { client, process: child } = this;
    this.client = this.process = undefined;
    this.stands("idle", "");
    if (client?.needsStop()) {
      await client.stop(STOP_MS).catch((error: unknown) => this.log.warn(`stopping: ${String(error)}`));
    }
    if (child && child.exitCode === null && child.signalCode === null) {
      const gone = new Promise((resolve) => child.once("exit", resolve));
      const late = setTimeout(() => child.kill("SIGKILL"), STOP_MS); // it had its time to leave by itself
      await gone;
      clearTimeout(late);
    }
  }

  private stands(standing: Standing, detail: string): void {
    this.standing = standing;
    this.detail = detail;
    this.changes.fire();
  }
}

/** What goes wrong by itself goes into the log: whoever asked for something is told by us, in our words. */
class QuietClient extends LanguageClient {
  override error(message: string, data?: unknown): void {
    super.error(message, data, false);
  }
}

/**
 * Without this in the client's capabilities the server sends nothing that is not plain LSP. Its progress is taken only
 * where our own item in the status bar, which says the same, is not wanted.
 */
const GATE: StaticFeature = {
  fillClientCapabilities(capabilities) {
    capabilities.experimental = { ...capabilities.experimental, milepost: { protocolVersion: PROTOCOL_VERSION } };
    const shown = vscode.workspace.getConfiguration("milepost").get("statusBar.enabled", true);
    capabilities.window = { ...capabilities.window, workDoneProgress: !shown };
  },
  initialize: () => undefined,
  getState: () => ({ kind: "static" }),
  clear: () => undefined,
};
