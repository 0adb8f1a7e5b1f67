/** Names of the offline store's files. */

const SAFE = /^[a-z0-9][a-z0-9./-]*$/;

/** A key as a file name: `/` has no place in one. */
export function fileKey(key: string): string {
  if (!SAFE.test(key)) throw new Error(`not a key: ${JSON.stringify(key)}`);
  return key.replaceAll("/", "+");
}

export interface LogName {
  key: string;
  window: string;
  generation: number;
}

/** Parts of a log's file name, or null for a file of another kind. */
export function parseLogName(name: string): LogName | null {
  const match = /^([a-z0-9][a-z0-9.+-]*)~([a-z0-9]+)~(\d{1,9})\.log$/.exec(name);
  if (!match) return null;
  return { key: match[1]!, window: match[2]!, generation: Number(match[3]) };
}

export function formatLogName(fileKey: string, window: string, generation: number): string {
  return `${fileKey}~${window}~${generation}.log`;
}
