/**
 * Finds the program that serves this window. Rules, in order: the setting; the workspace's own installation, where the
 * workspace is trusted; `milepost` on the PATH. A candidate counts once it has said who it is.
 */

import { execFile } from "node:child_process";
import { accessSync, constants, statSync } from "node:fs";
import * as path from "node:path";

import { PROTOCOL_VERSION } from "./protocol";

export const SETTING = "milepost.server.path";
/** A busy machine takes its time; a program that needs longer to say its version is not one that an editor can wait for. */
export const PATIENCE_MS = 20_000;

export type Rule = "setting" | "workspace" | "path";

export const RULES: Record<Rule, string> = {
  setting: `the setting ${SETTING}`,
  workspace: "the workspace's own .venv",
  path: "`milepost` on the PATH",
};

/** Where to look, as the editor and the environment say. */
export interface Where {
  /** Value of the setting; empty where nobody set it. */
  setting: string;
  /** Folders of the workspace, as paths. */
  folders: readonly string[];
  trusted: boolean;
  /** The PATH variable. */
  path: string;
  home: string;
  windows: boolean;
}

export interface Candidate {
  rule: Rule;
  command: string;
}

/** What a program said about itself with `--version --json`. */
export interface Installation extends Candidate {
  version: string;
  protocolVersions: number[];
  python: string;
  location: string;
}

/** Why a candidate does not serve. */
export interface Rejected extends Candidate {
  reason: string;
}

export interface Search {
  /** The one that won; undefined where none did. */
  found: Installation | undefined;
  rejected: Rejected[];
}

/** Runs a program with arguments and gives what it printed, or throws an error that says why not. */
export type Ask = (command: string, args: readonly string[]) => Promise<string>;
export type IsProgram = (file: string) => boolean;

/** Candidates in the order of the rules; a setting stands alone, as what somebody chose must not be passed over. */
export function candidates(where: Where, isProgram: IsProgram = executable): Candidate[] {
  const chosen = where.setting.trim();
  if (chosen) {
    return [{ rule: "setting", command: resolved(chosen, where, isProgram) }];
  }
  const own = where.trusted ? where.folders.map((folder) => ownProgram(folder, where.windows)) : [];
  const found: Candidate[] = own.filter(isProgram).map((command) => ({ rule: "workspace", command }));
  const onPath = lookUp("milepost", where, isProgram);
  return onPath ? [...found, { rule: "path", command: onPath }] : found;
}

function ownProgram(folder: string, windows: boolean): string {
  return windows ? path.join(folder, ".venv", "Scripts", "milepost.exe") : path.join(folder, ".venv", "bin", "milepost");
}

/** What the setting says, as a path where it can be made one. */
function resolved(chosen: string, where: Where, isProgram: IsProgram): string {
  const full = chosen.startsWith("~/") ? path.join(where.home, chosen.slice(2)) : chosen;
  const bare = !full.includes("/") && !full.includes("\\");
  return bare ? (lookUp(full, where, isProgram) ?? full) : full;
}

/**
 * A program on the PATH, or undefined. Relative entries are passed over: they would mean whatever folder we are in; in
 * an untrusted workspace its own folders are too.
 */
export function lookUp(name: string, where: Where, isProgram: IsProgram): string | undefined {
  const endings = where.windows ? [".exe", ""] : [""];
  for (const folder of where.path.split(where.windows ? ";" : ":")) {
    if (!path.isAbsolute(folder) || (!where.trusted && inside(folder, where.folders))) {
      continue;
    }
    const program = endings.map((ending) => path.join(folder, name + ending)).find(isProgram);
    if (program) {
      return program;
    }
  }
  return undefined;
}

function inside(folder: string, roots: readonly string[]): boolean {
  return roots.some((root) => {
    const way = path.relative(root, folder);
    return way === "" || (!way.startsWith("..") && !path.isAbsolute(way));
  });
}

/** The first candidate that says who it is and speaks our protocol. */
export async function search(where: Where, ask: Ask, isProgram: IsProgram = executable): Promise<Search> {
  const rejected: Rejected[] = [];
  for (const candidate of candidates(where, isProgram)) {
    const answer = await examine(candidate, ask);
    if ("version" in answer) {
      return { found: answer, rejected };
    }
    rejected.push(answer);
  }
  return { found: undefined, rejected };
}

/** Who a candidate says it is, or why it does not serve. */
export async function examine(candidate: Candidate, ask: Ask): Promise<Installation | Rejected> {
  if (candidate.rule === "setting" && /[/\\]/.test(candidate.command) && !path.isAbsolute(candidate.command)) {
    return { ...candidate, reason: "expected an absolute path, or a name on the PATH" };
  }
  let printed: string;
  try {
    printed = await ask(candidate.command, ["--version", "--json"]);
  } catch (error) {
    return { ...candidate, reason: error instanceof Error ? error.message : String(error) };
  }
  const said = parse(printed);
  if (!said) {
    return { ...candidate, reason: `expected its version as JSON, found ${JSON.stringify(printed.slice(0, 80))}` };
  }
  if (!said.protocolVersions.includes(PROTOCOL_VERSION)) {
    const spoken = said.protocolVersions.join(", ") || "none";
    return {
      ...candidate,
      reason: `Milepost ${said.version} speaks protocol ${spoken}; this extension needs ${PROTOCOL_VERSION}`,
    };
  }
  return { ...candidate, ...said };
}

function parse(printed: string): Omit<Installation, keyof Candidate> | undefined {
  let said: unknown;
  try {
    said = JSON.parse(printed);
  } catch {
    return undefined;
  }
  if (typeof said !== "object" || said === null) {
    return undefined;
  }
  const { version, protocolVersions, python, location } = said as Record<string, unknown>;
  if (typeof version !== "string" || !Array.isArray(protocolVersions)) {
    return undefined;
  }
  return {
    version,
    protocolVersions: protocolVersions.filter((one): one is number => typeof one === "number"),
    python: typeof python === "string" ? python : "",
    location: typeof location === "string" ? location : "",
  };
}

/** What a person is told where no candidate serves: what was tried, and what to do about it. */
export function complaint(searched: Search): string {
  const [first] = searched.rejected;
  if (!first) {
    return `Milepost's server was not found. Install it with \`pipx install milepost\`, or set ${SETTING}.`;
  }
  const mend = first.rule === "setting" ? `Change ${SETTING}.` : `Update it, or set ${SETTING} to another one.`;
  return `Milepost cannot use ${first.command} (${RULES[first.rule]}): ${first.reason}. ${mend}`;
}

/** One line for the log about the one that won. */
export function verdict(found: Installation): string {
  const { command, rule, version, protocolVersions, python, location } = found;
  return `${command}, found by ${RULES[rule]}: Milepost ${version}, protocol ${protocolVersions.join(", ")}, ` +
    `Python ${python || "unknown"}, in ${location || "an unknown place"}`;
}

/**
 * The environment the server is started with. Nothing of a surrounding Python gets in, and no module is looked for in
 * the current folder: its children inherit that too, where `python -I` would hold for the server alone.
 */
export function environment(outer: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const kept = Object.entries(outer).filter(([name]) => !/^(PYTHON|VSCODE_|ELECTRON_)/.test(name));
  return { ...Object.fromEntries(kept), PYTHONSAFEPATH: "1", PYTHONUNBUFFERED: "1", PYTHONUTF8: "1" };
}

/** Asks a program, without a shell, from a folder that is nobody's repository. */
export function asking(home: string, outer: NodeJS.ProcessEnv): Ask {
  return (command, args) =>
    new Promise((resolve, reject) => {
      const options = { cwd: home, env: environment(outer), timeout: PATIENCE_MS, windowsHide: true };
      execFile(command, args, options, (error, stdout, stderr) => {
        if (!error) {
          resolve(stdout);
        } else if (error.killed) {
          reject(new Error(`it did not say its version within ${PATIENCE_MS / 1000} s`));
        } else {
          const last = stderr.trim().split("\n").at(-1);
          reject(new Error(error.code === "ENOENT" ? "there is no such program" : last || error.message));
        }
      });
    });
}

function executable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
