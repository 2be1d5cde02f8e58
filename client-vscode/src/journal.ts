/** A log channel that also remembers its last lines, for the diagnostics that a person may want to pass on. */

import * as vscode from "vscode";

const KEPT = 400;

export class Journal implements vscode.LogOutputChannel {
  private readonly lines: string[] = [];
  private readonly channel: vscode.LogOutputChannel;
  private closed = false;

  constructor(readonly name: string) {
    this.channel = vscode.window.createOutputChannel(name, { log: true });
  }

  /** The last lines, oldest first. */
  recent(): readonly string[] {
    return this.lines;
  }

  get logLevel(): vscode.LogLevel {
    return this.channel.logLevel;
  }

  get onDidChangeLogLevel(): vscode.Event<vscode.LogLevel> {
    return this.channel.onDidChangeLogLevel;
  }

  trace(message: string, ...rest: unknown[]): void {
    this.write("trace", message, rest);
  }

  debug(message: string, ...rest: unknown[]): void {
    this.write("debug", message, rest);
  }

  info(message: string, ...rest: unknown[]): void {
    this.write("info", message, rest);
  }

  warn(message: string, ...rest: unknown[]): void {
    this.write("warn", message, rest);
  }

  error(error: string | Error, ...rest: unknown[]): void {
    this.write("error", error instanceof Error ? error.message : error, rest);
  }

  /** A line that the server printed, at the level that it names. */
  pass(line: string): void {
    const level = /\b(TRACE|DEBUG|INFO|WARNING|WARN|ERROR|CRITICAL)\b/.exec(line)?.[1];
    if (level === "ERROR" || level === "CRITICAL") {
      this.error(line);
    } else if (level === "WARNING" || level === "WARN") {
      this.warn(line);
    } else if (level === "DEBUG" || level === "TRACE") {
      this.debug(line);
    } else {
      this.info(line);
    }
  }

  append(value: string): void {
    this.channel.append(value);
  }

  appendLine(value: string): void {
    this.keep("", value);
    this.channel.appendLine(value);
  }

  replace(value: string): void {
    this.channel.replace(value);
  }

  clear(): void {
    this.channel.clear();
  }

  show(column?: vscode.ViewColumn | boolean, preserveFocus?: boolean): void {
    this.channel.show(typeof column === "boolean" ? column : preserveFocus);
  }

  hide(): void {
    this.channel.hide();
  }

  dispose(): void {
    this.closed = true;
    this.channel.dispose();
  }

  /** Requests that end with the window still speak to a channel that is closed by then. */
  private write(level: "trace" | "debug" | "info" | "warn" | "error", message: string, rest: unknown[]): void {
    this.keep(level, message);
    if (!this.closed) {
      this.channel[level](message, ...rest);
    }
  }

  private keep(level: string, message: string): void {
    this.lines.push(`${new Date().toISOString()} ${level} ${message}`);
    if (this.lines.length > KEPT) {
      this.lines.splice(0, this.lines.length - KEPT);
    }
  }
}
