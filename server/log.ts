/** What the server says about itself. Never article or comment text, names of people, tokens or document names in clear. */
export interface Log {
  info(event: string, fields?: Record<string, unknown>): void;
  warn(event: string, fields?: Record<string, unknown>): void;
  error(event: string, fields?: Record<string, unknown>): void;
}

export const SILENT: Log = { info: () => {}, warn: () => {}, error: () => {} };
