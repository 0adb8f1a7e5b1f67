/** The extension's log: an output channel that people can open. Never article text, comment text, names or tokens. */
import type { LogOutputChannel } from "vscode";

export interface Log {
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
}

export function createLog(channel: LogOutputChannel): Log {
  return {
    info: (message) => channel.info(message),
    warn: (message) => channel.warn(message),
    error: (message) => channel.error(message),
  };
}
