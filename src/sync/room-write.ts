/**
 * Everything that a participant may write in a margin: each write is one transaction on their own root, checked against the
 * same policy as the server's, and can be undone in the window that made it.
 */
import type * as Y from "yjs";
import { access } from "../core/model/access.ts";
import { entriesOf, type DocumentName } from "../core/model/documents.ts";
import {
  type AnnotationEntry,
  ENTRY_VERSION,
  type Entry,
  entrySchema,
  MAX_OVERRULED,
  MAX_TIME,
  tooLong,
  type Motivation,
  type PassageClass,
  readEntry,
  type ReactionEntry,
  type Relation,
  type StatusEntry,
} from "../core/model/entries.ts";
import {
  type EntryRef,
  entryRef,
  newEntryId,
  parseEntryRef,
  type ParticipantId,
  type RoomId,
} from "../core/model/ids.ts";
import { authorOf, onePerPerson, type Word, written as lastTouched } from "../core/model/last-word.ts";
import { mayModerate, type Role } from "../core/model/roles.ts";
import type { SessionPolicy } from "../core/model/session.ts";
import type { Clock, Random } from "./clock.ts";
import { createEmitter, type Listen } from "./emitter.ts";
import { FROM_ME } from "./origins.ts";
import { createWriteHistory, type Shelf } from "./write-history.ts";

/** notAllowed: role or phase forbid it, or it is another's. notFound: no such entry. invalid: too long, or nonsense. */
export type WriteFailure = "notAllowed" | "notFound" | "invalid";

export type WriteResult =
  | {
      ok: true;
      ref: EntryRef;
      /** Names the write, to be taken back by; undefined when nothing had to be written. */
      write?: number;
    }
  | { ok: false; reason: WriteFailure; message: string };

export interface AnnotateInput {
  target: AnnotationEntry["target"];
  motivation: Motivation;
  class?: PassageClass;
  /** Markdown; empty for a bare highlight. */
  body: string;
  /**
   * The caller's own name for this write; comes back in `onDidWrite`, before the thread does. Never stored. Asked for again by the
   * same name, the entry that it made is changed where it differs, and no second one is made.
   */
  intent?: string;
}

export interface RoomWrite {
  annotate(input: AnnotateInput): WriteResult;
  /** `parent`: an annotation or a reply. */
  reply(input: { parent: EntryRef; body: string; intent?: string }): WriteResult;
  /** One's own annotation or reply; `class: null` takes the class away. */
  edit(input: { ref: EntryRef; body?: string; motivation?: Motivation; class?: PassageClass | null }): WriteResult;
  /** Takes back an entry of one's own: the body is gone, the place stays for what others answered. */
  remove(input: { ref: EntryRef }): WriteResult;
  /** Anybody who may annotate; the latest word counts. */
  setStatus(input: { about: EntryRef; status: "open" | "resolved" }): WriteResult;
  /** Moderators only. */
  setHidden(input: { about: EntryRef; hidden: boolean }): WriteResult;
  /** One's own reaction, on or off. */
  react(input: { about: EntryRef; emoji: ReactionEntry["emoji"]; on: boolean }): WriteResult;
  link(input: { from: EntryRef; to: EntryRef; relation: Relation }): WriteResult;
  /** Puts one's own annotation on another passage. */
  reattach(input: { ref: EntryRef; target: AnnotationEntry["target"] }): WriteResult;
  /** Moves drafts from one's private document into the margin, all of them without `refs`. */
  handIn(input: {
    refs?: readonly EntryRef[];
  }): { ok: true; count: number } | { ok: false; reason: WriteFailure; message: string };
}

export interface Written {
  ref: EntryRef;
  intent?: string;
}

export interface RoomWriter {
  write: RoomWrite;
  /**
   * Takes back this window's last write that still stands, or the one of that number, unless its entry was written since; false
   * when nothing was taken back.
   */
  undo(write?: number): boolean;
  redo(): boolean;
  canUndo(): boolean;
  canRedo(): boolean;
  readonly onDidWrite: Listen<Written>;
}

export interface RoomWriterOptions {
  room: RoomId;
  me: ParticipantId;
  margin: Y.Doc;
  own: Y.Doc;
  role: () => Role;
  policy: () => SessionPolicy;
  /** False until the policy has arrived: then nothing may be written. */
  policyKnown: () => boolean;
  threadOf: (ref: EntryRef) => EntryRef | undefined;
  statusesOf: (about: EntryRef) => Word[];
  /** Resolves to true when what stands in the margin is on disk. */
  marginWritten: () => Promise<boolean>;
  clock: Clock;
  random: Random;
  onError: (error: unknown) => void;
}

type Draft<E extends Entry = Entry> = E extends Entry ? Omit<E, "v" | "created"> : never;

/** Intents whose outcome is remembered, per window: far more than are asked again in the minutes after they were. */
const KEPT_INTENTS = 500;

/** By how much another computer's clock is believed to be ahead, in milliseconds: a day, for a wrong time zone. */
const FASTEST_CLOCK = 24 * 3_600_000;

const NOT_ALLOWED = "You may not change annotations in this session at the moment.";
const NOT_YET = "The session is still being opened. Try again in a moment.";
const NOT_YOURS = "Only its author can change this.";
const NOT_FOUND = "This annotation no longer exists.";
const TAKEN_BACK = "This was stored, and has been deleted since.";
const INVALID = "This cannot be stored: the passage may be too long.";

const refused = (reason: WriteFailure, message: string) => ({ ok: false, reason, message }) as const;

export function createRoomWriter(options: RoomWriterOptions): RoomWriter {
  const { room, me, margin, own, clock } = options;
  const inMargin = entriesOf(margin, me);
  const inPrivate = entriesOf(own, me);
  const written = createEmitter<Written>(options.onError);
  /** What recent intents made. */
  const made = new Map<string, EntryRef>();

  const may = (document: DocumentName) =>
    options.policyKnown() && access(options.role(), me, document, options.policy()) === "write";
  const notAllowed = () => refused("notAllowed", options.policyKnown() ? NOT_ALLOWED : NOT_YET);
  const mayShare = () => may({ room, kind: "margin" });
  const mayDraft = () => may({ room, kind: "private", participant: me });
  const mayWrite = (shelf: Shelf) => (shelf === inMargin ? mayShare() : mayDraft());
  /** Where something new goes: into the margin, or, while that is closed to this role, among the drafts. */
  const shelfForNew = (): Shelf | null => (mayShare() ? inMargin : mayDraft() ? inPrivate : null);

  const find = (ref: EntryRef): { shelf: Shelf; id: string; entry: Entry } | null => {
    const name = parseEntryRef(ref);
    if (name?.participant !== me) return null;
    for (const shelf of [inMargin, inPrivate]) {
      const entry = readEntry(shelf.get(name.entry));
      if (entry) return { shelf, id: name.entry, entry };
    }
    return null;
  };

  const put = (shelf: Shelf, id: string, entry: Entry) => {
    shelf.doc!.transact(() => shelf.set(id, entry), FROM_ME);
  };

  /** Stores an entry that fits its schema, and remembers how to take it back. */
  const store = (shelf: Shelf, id: string, entry: Entry, intent?: string): WriteResult => {
    if (!mayWrite(shelf)) return notAllowed();
    // parsed: a copy with the fields of the schema and nothing else
    const checked = entrySchema.safeParse(entry);
    if (!checked.success) return refused("invalid", ("body" in entry && tooLong(entry.body)) || INVALID);
    const before = readEntry(shelf.get(id)) ?? undefined;
    const ref = entryRef(me, id);
    written.fire({ ref, ...(intent === undefined ? {} : { intent }) });
    if (intent !== undefined) remember(intent, ref);
    const write = history.add(shelf, id, before, checked.data);
    put(shelf, id, checked.data);
    return { ok: true, ref, write };
  };

  const remember = (intent: string, ref: EntryRef) => {
    made.delete(intent);
    made.set(intent, ref);
    for (const oldest of made.keys()) {
      if (made.size <= KEPT_INTENTS) break;
      made.delete(oldest);
    }
  };

  /** The outcome of an intent that was carried out before; null for a new one. `changed` is null where nothing differs. */
  const repeated = (intent: string | undefined, changed: (entry: Entry) => Entry | null): WriteResult | null => {
    const ref = intent === undefined ? undefined : made.get(intent);
    if (ref === undefined) return null;
    const found = find(ref);
    if (!found || isTakenBack(found.entry)) return refused("notFound", TAKEN_BACK);
    const next = changed(found.entry);
    if (!next) return { ok: true, ref };
    return store(found.shelf, found.id, { ...next, modified: later(found.entry) }, intent);
  };

  const add = (draft: Draft, created: number, intent?: string): WriteResult => {
    const shelf = shelfForNew();
    if (!shelf) return notAllowed();
    const entry = { v: ENTRY_VERSION, created, ...draft } as Entry;
    return store(shelf, newEntryId(now(), options.random), entry, intent);
  };

  const change = (ref: EntryRef, edit: (entry: Entry) => Entry | null): WriteResult => {
    const name = parseEntryRef(ref);
    if (name && name.participant !== me) return refused("notAllowed", NOT_YOURS);
    const found = find(ref);
    const next = found && edit(found.entry);
    if (!found || !next) return refused("notFound", NOT_FOUND);
    return store(found.shelf, found.id, { ...next, modified: later(found.entry) });
  };

  /** As the computer's clock has it, among the moments that an entry may bear. */
  const now = () => Math.min(Math.max(clock.now(), 0), MAX_TIME);
  /** Now, but after what it replaces, even if the clock was set back meanwhile. */
  const later = (entry: Entry) => Math.min(Math.max(now(), lastTouched(entry) + 1), MAX_TIME);
  const history = createWriteHistory({ mayWrite, put, later });

  /** A remark that one makes once about a thing: the last of them is changed where it stands, if that can be written. */
  const remark = <E extends StatusEntry | ReactionEntry>(
    fits: (entry: Entry) => boolean,
    draft: Draft<E>,
    at: number,
  ): WriteResult => {
    const shelf = shelfForNew();
    if (!shelf) return notAllowed();
    let last: { id: string; entry: Entry } | undefined;
    for (const [id, value] of shelf.entries()) {
      const entry = hasAbout(value) ? readEntry(value) : null;
      if (!entry || !fits(entry)) continue;
      if (!last || lastTouched(entry) > lastTouched(last.entry)) last = { id, entry };
    }
    if (!last) return add(draft, at);
    // nothing comes after the last moment, and under that others may have overruled it
    const modified = lastTouched(last.entry) < MAX_TIME ? Math.max(at, later(last.entry)) : Math.min(at, MAX_TIME - 1);
    return store(shelf, last.id, { v: ENTRY_VERSION, created: last.entry.created, ...draft, modified });
  };

  /**
   * A word after everybody's on the matter. It is dated after them, for somebody's clock may be fast; one that is dated as no clock
   * is wrong is overruled by its name, for dating after it would end at the last moment there is.
   */
  const say = (about: EntryRef, status: StatusEntry["status"], ...matter: StatusEntry["status"][]): WriteResult => {
    const said = options.statusesOf(about).filter(({ entry }) => matter.includes(entry.status));
    let at = now();
    const others = onePerPerson(said.filter(({ ref }) => authorOf(ref) !== me));
    for (const { entry } of others) {
      if (lastTouched(entry) < now() + FASTEST_CLOCK) at = Math.max(at, lastTouched(entry) + 1);
    }
    const overrules = others
      .filter(({ entry }) => lastTouched(entry) >= at)
      .slice(-MAX_OVERRULED)
      .map(({ ref, entry }) => ({ ref, written: lastTouched(entry) }));
    return remark<StatusEntry>(
      (entry) => entry.kind === "status" && entry.about === about && matter.includes(entry.status),
      { kind: "status", about, status, ...(overrules.length > 0 ? { overrules } : {}) },
      Math.min(at, MAX_TIME),
    );
  };

  const known = (ref: EntryRef) => options.threadOf(ref) !== undefined;

  const write: RoomWrite = {
    annotate({ target, motivation, class: passageClass, body, intent }) {
      const again = repeated(intent, (entry) => {
        if (entry.kind !== "annotation") return null;
        const { class: before, ...rest } = entry;
        // the same words may stand in several places
        const { quote, start, end } = entry.target;
        const moved = quote.exact !== target.quote.exact || start !== target.start || end !== target.end;
        if (!moved && entry.body === body && entry.motivation === motivation && before === passageClass) return null;
        return {
          ...rest,
          motivation,
          ...(passageClass ? { class: passageClass } : {}),
          body,
          target: moved ? target : entry.target,
        };
      });
      if (again) return again;
      return add(
        { kind: "annotation", motivation, ...(passageClass ? { class: passageClass } : {}), body, target },
        now(),
        intent,
      );
    },
    reply({ parent, body, intent }) {
      const again = repeated(intent, (entry) =>
        entry.kind === "reply" && entry.body !== body ? { ...entry, body } : null,
      );
      if (again) return again;
      if (!known(parent)) return refused("notFound", NOT_FOUND);
      return add({ kind: "reply", parent, body }, now(), intent);
    },
    edit: ({ ref, body, motivation, class: passageClass }) =>
      change(ref, (entry) => {
        if (entry.kind === "reply" && !entry.deleted) return { ...entry, body: body ?? entry.body };
        if (entry.kind !== "annotation" || entry.deleted) return null;
        const next: AnnotationEntry = {
          ...entry,
          body: body ?? entry.body,
          motivation: motivation ?? entry.motivation,
          class: passageClass === undefined ? entry.class : (passageClass ?? undefined),
        };
        if (next.class === undefined) delete next.class;
        return next;
      }),
    remove: ({ ref }) =>
      change(ref, (entry) => {
        if (entry.kind === "status" || entry.deleted) return null;
        return entry.kind === "annotation" || entry.kind === "reply"
          ? { ...entry, body: "", deleted: true }
          : { ...entry, deleted: true };
      }),
    setStatus({ about, status }) {
      if (!known(about)) return refused("notFound", NOT_FOUND);
      return say(about, status, "open", "resolved");
    },
    setHidden({ about, hidden }) {
      if (!mayModerate(options.role())) return refused("notAllowed", "Only the owner can hide a contribution.");
      if (!known(about)) return refused("notFound", NOT_FOUND);
      return say(about, hidden ? "hidden" : "shown", "hidden", "shown");
    },
    react({ about, emoji, on }) {
      if (!known(about)) return refused("notFound", NOT_FOUND);
      const fits = (entry: Entry) => entry.kind === "reaction" && entry.about === about && entry.emoji === emoji;
      return remark<ReactionEntry>(fits, { kind: "reaction", about, emoji, ...(on ? {} : { deleted: true }) }, now());
    },
    link({ from, to, relation }) {
      if (!known(from) || !known(to)) return refused("notFound", NOT_FOUND);
      if (from === to) return refused("invalid", "An annotation cannot be linked to itself.");
      return add({ kind: "link", from, to, relation }, now());
    },
    reattach: ({ ref, target }) =>
      change(ref, (entry) => (entry.kind === "annotation" && !entry.deleted ? { ...entry, target } : null)),
    handIn({ refs }) {
      if (!mayShare() || !mayDraft()) return notAllowed();
      const wanted = refs ? new Set(refs) : null;
      const drafts = [...inPrivate.entries()].flatMap(([id, value]) => {
        const entry = readEntry(value);
        return entry && (wanted?.has(entryRef(me, id)) ?? true) ? [{ id, value, entry }] : [];
      });
      // one that stands there already was handed in before, and may have been changed since
      const left = drafts.filter(({ id, entry }) => {
        const there = readEntry(inMargin.get(id));
        return !there || lastTouched(there) < lastTouched(entry);
      });
      // first where the others read it, then away from the drafts: cut short, it stands twice under one name, and counts once
      margin.transact(() => {
        for (const { id, value } of left) inMargin.set(id, value);
      }, FROM_ME);
      const clearAway = (written: boolean) => {
        if (!written) return;
        own.transact(() => {
          for (const { id, value } of drafts) if (inPrivate.get(id) === value) inPrivate.delete(id);
        }, FROM_ME);
      };
      options.marginWritten().then(clearAway).catch(options.onError);
      history.forget(inPrivate);
      return { ok: true, count: left.length };
    },
  };

  return {
    write,
    undo: history.undo,
    redo: history.redo,
    canUndo: history.canUndo,
    canRedo: history.canRedo,
    onDidWrite: written.event,
  };
}

function isTakenBack(entry: Entry): boolean {
  return entry.kind !== "status" && entry.deleted === true;
}

function hasAbout(value: unknown): boolean {
  return typeof value === "object" && value !== null && "about" in value;
}
