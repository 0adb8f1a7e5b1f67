/** What commands read and write, and how they understand values. */
import { homedir } from "node:os";
import { join } from "node:path";
import { parseArgs, type ParseArgsConfig } from "node:util";

export interface Terminal {
  env: Readonly<Record<string, string | undefined>>;
  out(text: string): void;
  err(text: string): void;
}

/** Something in the command line or the environment is wrong; the message is one sentence for people. */
export class UsageError extends Error {}

type Options = NonNullable<ParseArgsConfig["options"]>;
type Parsed<T extends Options> = ReturnType<typeof parseArgs<{ options: T; allowPositionals: true }>>;

/** Parses arguments; whatever is left out is taken from `MARGINALIA_<NAME>`. */
export function parse<T extends Options>(
  args: readonly string[],
  options: T,
  terminal: Terminal,
  positionals = 0,
): Pick<Parsed<T>, "values" | "positionals"> {
  let parsed: Parsed<T>;
  try {
    parsed = parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
  } catch (error) {
    // The messages of parseArgs end with advice for programmers behind the first sentence.
    throw new UsageError(`${(error as Error).message.split(". ")[0]}.`);
  }
  if (parsed.positionals.length > positionals) {
    throw new UsageError(`I do not understand "${parsed.positionals[positionals]}".`);
  }
  const values = { ...parsed.values } as Record<string, unknown>;
  for (const [name, option] of Object.entries(options)) {
    if (values[name] !== undefined || name === "help") continue;
    const variable = `MARGINALIA_${name.toUpperCase().replaceAll("-", "_")}`;
    const value = terminal.env[variable];
    if (value === undefined || value === "") continue;
    if (option.type === "string") values[name] = option.multiple ? value.split(",") : value;
    else values[name] = flag(variable, value);
  }
  return { values: values as (typeof parsed)["values"], positionals: parsed.positionals };
}

function flag(name: string, value: string): boolean {
  if (/^(1|true|yes|on)$/i.test(value)) return true;
  if (/^(0|false|no|off)$/i.test(value)) return false;
  throw new UsageError(`${name} must be true or false, not "${value}".`);
}

/** A port number, 0 for any free one. */
export function port(text: string): number {
  const value = Number(text);
  if (!/^\d{1,5}$/.test(text) || value > 65_535)
    throw new UsageError(`--port must be a number from 0 to 65535, not "${text}".`);
  return value;
}

const UNITS: Record<string, number> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** A span like `90s`, `10m`, `2h` or `7d`, in milliseconds. */
export function span(option: string, text: string): number {
  const match = /^(\d{1,6})([smhd])$/.exec(text);
  if (!match) throw new UsageError(`--${option} must be a time like 90s, 10m, 2h or 7d, not "${text}".`);
  return Number(match[1]) * UNITS[match[2]!]!;
}

/** A whole number of at least `least`. */
export function count(option: string, text: string, least: number): number {
  const value = Number(text);
  if (!/^\d{1,9}$/.test(text) || value < least) {
    throw new UsageError(`--${option} must be a whole number of at least ${least}, not "${text}".`);
  }
  return value;
}

/** Where the server keeps everything when nobody says otherwise. */
export function defaultData(terminal: Terminal): string {
  const { XDG_DATA_HOME: xdg, LOCALAPPDATA: windows } = terminal.env;
  return join(xdg || windows || join(homedir(), ".local", "share"), "marginalia");
}

/** The address of a Redis, where one is given. */
export function redisUrl(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  if (!/^rediss?:\/\/\S+$/.test(text) || !URL.canParse(text)) {
    throw new UsageError(`--redis must be like redis://localhost:6379, not "${text}".`);
  }
  return text;
}

/** What the system said no to (a folder, a file, the disk), as one sentence; undefined for any other error. */
export function systemSentence(error: unknown): string | undefined {
  const { code, syscall, message } = error as NodeJS.ErrnoException;
  if (syscall === undefined) return undefined;
  if (code === "EACCES" || code === "EPERM") return `This needs rights that I do not have: ${message}`;
  return code === "ENOSPC" ? "The disk is full." : message;
}
