/** Puts an open article together out of its room, the worker that reads its text, and the view of its threads. */
import * as vscode from "vscode";
import { access } from "../../core/model/access.ts";
import { readArticleMeta } from "../../core/model/documents.ts";
import { mayModerate } from "../../core/model/roles.ts";
import { displayName } from "../../core/model/session.ts";
import type { ArticleFormat } from "../../core/text/article.ts";
import type { Capabilities, StatusMessage } from "../../protocol/reader.ts";
import type { Room } from "../../sync/room.ts";
import type { Log } from "../log.ts";
import type { OpenArticle, ThreadsChange } from "./open-article.ts";
import type { Parser } from "./parser.ts";
import { peopleOf } from "./people.ts";
import { createPublication, type Published } from "./publication.ts";
import { createThreadsView } from "./threads-view.ts";
import { createViewPresence } from "./view-presence.ts";

export interface OpenArticleOptions {
  uri: vscode.Uri;
  fileName: string;
  format: ArticleFormat;
  room: Room;
  parser: Pick<Parser, "parse" | "forget">;
  log: Log;
  /** The last epoch of the same article when it was open before. */
  after?: number | undefined;
}

export function createOpenArticle(options: OpenArticleOptions): OpenArticle & vscode.Disposable {
  const { uri, fileName, room, parser, log } = options;
  const published = new vscode.EventEmitter<Published>();
  const threadsChanged = new vscode.EventEmitter<ThreadsChange>();
  const peopleChanged = new vscode.EventEmitter<void>();
  const statusChanged = new vscode.EventEmitter<void>();
  const capabilitiesChanged = new vscode.EventEmitter<void>();
  /** the reading view's names for annotations and replies that it made and has not been told of */
  const intents = new Map<string, string>();

  const role = () => room.me().role;
  const mayWrite = (kind: "article" | "margin") =>
    access(role(), room.me().participant, { room: room.id, kind }, room.policy()) === "write";
  const mayDraft = () => {
    const { participant } = room.me();
    return access(role(), participant, { room: room.id, kind: "private", participant }, room.policy()) === "write";
  };

  const view = createThreadsView({
    format: options.format,
    viewer: { participant: room.me().participant, lastSeen: (ref) => room.lastSeen(ref) },
    moderator: () => mayModerate(role()),
    takeIntent(ref) {
      const intent = intents.get(ref);
      intents.delete(ref);
      return intent;
    },
    pause: () => new Promise((resolve) => setImmediate(resolve)),
    now: () => performance.now(),
  });

  let becomeReady = () => {};
  const ready = new Promise<void>((resolve) => (becomeReady = resolve));
  let shown: Published | undefined;

  const publication = createPublication({
    text: room.text,
    parse: (source) => parser.parse(room.id, source, options.format),
    async onPublish(next) {
      await room.threads.settled();
      if (!(await view.place(next.index, room.threads.all()))) return;
      shown = next;
      published.fire(next);
      becomeReady();
    },
    onError: (error) => log.error(`The article could not be read: ${String(error)}`),
    after: options.after,
  });

  const listeners = [
    room.onDidWrite(({ ref, intent }) => {
      if (intent !== undefined) intents.set(ref, intent);
    }),
    room.threads.onDidChange(({ threads, removed }) => {
      const changed = view.update(threads, removed);
      if (shown) threadsChanged.fire({ threads: changed, removed });
    }),
    room.onDidChangePresence(() => peopleChanged.fire()),
    room.onDidChangeStatus(() => statusChanged.fire()),
    room.onDidChangeTrouble(() => statusChanged.fire()),
    room.onDidChangeSession(() => {
      peopleChanged.fire();
      capabilitiesChanged.fire();
    }),
  ];
  publication.refresh();

  return {
    uri,
    fileName,
    format: options.format,
    room,
    ready,
    published: () => shown,
    title: () => shown?.parsed.title || readArticleMeta(room.documents.article).title || fileName,
    threads: () => view.all(),
    thread: (ref) => view.get(ref),
    people: () => peopleOf(room),
    nameOf: (participant) => displayName(room.roster(), participant),
    capabilities: (): Capabilities => ({
      annotate: mayWrite("margin") || mayDraft(),
      moderate: mayModerate(role()),
      editArticle: mayWrite("article"),
    }),
    status: () => statusOf(room),
    onDidPublish: published.event,
    onDidChangeThreads: threadsChanged.event,
    onDidChangePeople: peopleChanged.event,
    onDidChangeStatus: statusChanged.event,
    onDidChangeCapabilities: capabilitiesChanged.event,
    carryToNow: publication.carryToNow,
    presence: createViewPresence((presence) => room.setPresence(presence)),
    markRead(refs) {
      const unread = refs.filter((ref) => view.get(ref)?.unread);
      if (unread.length === 0) return;
      room.markRead(unread);
      const threads = unread.flatMap((ref) => room.threads.get(ref) ?? []);
      threadsChanged.fire({ threads: view.refresh(threads), removed: [] });
    },
    dispose() {
      publication.dispose();
      parser.forget(room.id);
      for (const stop of listeners) stop();
      for (const each of [published, threadsChanged, peopleChanged, statusChanged, capabilitiesChanged]) each.dispose();
    },
  };
}

function statusOf(room: Room): StatusMessage {
  const { state, detail, waiting } = room.status;
  // reading alone nothing waits for anybody
  const pending = state === "alone" ? 0 : waiting;
  return { state, detail: room.trouble ? `${room.trouble.reason} ${detail}` : detail, waiting: pending };
}
