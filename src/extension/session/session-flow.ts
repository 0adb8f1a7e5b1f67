/** Hosting, inviting, joining, leaving: the steps that a reader goes through, each of which may end in a sentence instead. */
import * as vscode from "vscode";
import { articleText, entriesOf, readArticleMeta } from "../../core/model/documents.ts";
import {
  type ApiResult,
  createInvite,
  createRoom,
  formatInviteLink,
  type InviteLink,
  joinRoom,
  parseInviteLink,
} from "../../sync/invites.ts";
import type { Room } from "../../sync/room.ts";
import { articleUri } from "../article/file-system.ts";
import type { OpenArticle } from "../article/open-article.ts";
import { articleArrived, type Rooms } from "../article/rooms.ts";
import type { Identity } from "../identity.ts";
import type { Log } from "../log.ts";
import { count } from "../views/thread-words.ts";
import type { Membership } from "./credentials.ts";
import { ensureHostedServer, type HostedServerOptions } from "./hosted-server.ts";
import { remembered } from "./membership.ts";
import { sessionApi as api } from "./session-api.ts";
import {
  askForLink,
  chooseHost,
  chooseInvitedRole,
  confirmMove,
  confirmSharing,
  INVITED,
  type InvitedRole,
  tellKeyWanted,
} from "./session-questions.ts";

export interface SessionFlow {
  /** Shares the article: on the configured server, or on one that is started here. Ends with an invite link to hand out. */
  host(article: OpenArticle): Promise<void>;
  /** Joins by link; without one the reader is asked for it. Opens the article. */
  join(link?: string): Promise<vscode.Uri | undefined>;
  copyInvite(article: OpenArticle): Promise<void>;
  leave(article: OpenArticle): Promise<void>;
}

export interface SessionFlowOptions {
  rooms: Rooms;
  identity: Identity;
  log: Log;
  hosting: HostedServerOptions;
  openReader(uri: vscode.Uri): Promise<void>;
  /** The room's article on this computer, when it is a file of this reader's own. */
  fileOf(room: string): Promise<vscode.Uri | undefined>;
  /** What proves to a server that a room there was made from here; the same whenever it is asked for. */
  secretFor(room: string, server: string): Promise<string>;
}

interface Server {
  /** Its http address. */
  url: string;
  /** For making rooms, if there is one. */
  adminKey?: string;
  /** This computer's own. */
  hosted?: boolean | undefined;
}

/** What becomes of what a reader wrote who is somebody else in the session from now on. */
const LEFT_BEHIND = {
  sent: "You are a new participant of this session: nothing here shows its server who you were before. What you wrote then stays where it is, as that participant’s.",
  waiting:
    "You are a new participant of this session: nothing here shows its server who you were before. What you wrote then and had not sent stays on this computer: you see it, the others do not.",
};

const NOT_YOURS =
  "This article belongs to a session that somebody else hosts; you can join it again. To read its text with others without that session, save it as a file of your own and host that.";

const tell = (message: string) => void vscode.window.showErrorMessage(message);

export function createSessionFlow(options: SessionFlowOptions): SessionFlow {
  const { rooms, identity, log } = options;

  const nameOrAsk = async (reason: string) => (identity.chosen() ? identity.name() : identity.ask(reason));

  const configuredServer = (): Server | null => {
    const settings = vscode.workspace.getConfiguration("marginalia.server");
    const url = settings.get<string>("url", "").trim().replace(/\/+$/, "");
    const adminKey = settings.get<string>("adminKey", "");
    return url ? { url, ...(adminKey ? { adminKey } : {}) } : null;
  };

  /** The server to host on. */
  const chooseServer = async (): Promise<Server | undefined> => {
    const configured = configuredServer();
    if (configured) {
      if (/^https?:\/\/[^\s/]+/.test(configured.url)) return configured;
      tell("The setting marginalia.server.url is not an address that begins with http:// or https://.");
      return undefined;
    }
    const host = await chooseHost();
    if (host === undefined) return undefined;
    return vscode.window.withProgress(
      { location: vscode.ProgressLocation.Notification, title: "Marginalia: starting the server on this computer" },
      async () => {
        const result = await ensureHostedServer(host, options.hosting);
        if (result.ok)
          return { url: result.server.url.replace(/\/+$/, ""), adminKey: result.server.adminKey, hosted: true };
        tell(result.message);
        return undefined;
      },
    );
  };

  /**
   * Makes the room, or takes it up again: what is written here becomes part of the session, the room keeps its id, this reader
   * theirs. `former` is what proves to its server that this reader owned the room before.
   */
  const ownRoom = async (
    article: OpenArticle,
    server: Server,
    name: string,
    former: Membership | undefined,
  ): Promise<ApiResult<Membership>> => {
    const room = article.room.id;
    const isTheirs = former && (former.server === server.url || (former.hosted && server.hosted));
    const request = {
      room,
      title: article.title().slice(0, 200),
      participant: { id: article.room.me().participant, name },
      secret: await options.secretFor(room, server.url),
      ...(isTheirs ? { held: former.token } : {}),
    };
    const made = await createRoom(api, server.url, request, server.adminKey);
    if (!made.ok) return made;
    const { participant } = made.value;
    const membership = { server: server.url, participant, name, ...remembered(made.value) };
    return { ok: true, value: { ...membership, ...(server.hosted ? { hosted: true } : {}) } };
  };

  /** An owner whose token their server no longer takes, or who has one of a room that it lost. */
  const comeBack = async (article: OpenArticle, held: Membership): Promise<ApiResult<Membership>> => {
    const configured = configuredServer();
    const server = configured?.url === held.server ? configured : { url: held.server, hosted: held.hosted };
    const back = await ownRoom(article, server, held.name, held);
    if (back.ok) await rooms.enter(article.room.id, back.value);
    return back;
  };

  const makeInvite = async (article: OpenArticle, held: Membership, role: InvitedRole) => {
    const ask = (by: Membership) => createInvite(api, by.server, article.room.id, { role }, by.token);
    let membership = held;
    let made = await ask(membership);
    if (!made.ok && (made.reason === "unauthorized" || made.reason === "unknown-room")) {
      const back = await comeBack(article, held);
      if (back.ok) made = await ask((membership = back.value));
      // that the room is gone says more than that no other can be made
      else if (made.reason === "unauthorized") made = back;
    }
    if (!made.ok) {
      tell(`No invite link could be made. ${made.message}`);
      return undefined;
    }
    const link = formatInviteLink(made.value);
    if (role === "reader") await rooms.enter(article.room.id, { ...membership, invite: link });
    return link;
  };

  const handOut = async (link: string, what: string) => {
    await vscode.env.clipboard.writeText(link);
    const again = "Copy Again";
    void vscode.window.showInformationMessage(`${what} The invite link is on the clipboard.`, again).then((choice) => {
      if (choice === again) return vscode.env.clipboard.writeText(link);
      return undefined;
    });
  };

  const flow: SessionFlow = {
    async host(article) {
      await article.ready;
      const existing = await rooms.membership(article.room.id);
      if (existing) {
        await flow.copyInvite(article);
        return;
      }
      const former = await rooms.formerMembership(article.room.id);
      if (article.room.me().role !== "owner") {
        const again = "Join Again";
        const ways = former?.invite === undefined ? [] : [again];
        const choice = await vscode.window.showInformationMessage(NOT_YOURS, ...ways);
        if (choice === again) await flow.join(former?.invite);
        return;
      }
      const name = await nameOrAsk("The name that the others will read beside your notes.");
      if (name === undefined) return;
      const own = former ? "" : ownWords(article.room);
      if (own && !(await confirmSharing(own, "alone"))) return;
      const server = await chooseServer();
      if (!server) return;
      const made = await ownRoom(article, server, name, former);
      if (!made.ok) {
        if (made.reason === "unauthorized" && !former) await tellKeyWanted(server.url);
        else tell(`The session could not be started. ${made.message}`);
        return;
      }
      await rooms.enter(article.room.id, made.value);
      log.info("A session was started.");
      const link = await makeInvite(article, made.value, "reader");
      if (link !== undefined) await handOut(link, "The session is open.");
    },

    async join(given) {
      const link = given === undefined ? await askForLink() : parseInviteLink(given);
      if (link === undefined) return undefined;
      if (link === null) {
        tell("This is not an invite link of Marginalia.");
        return undefined;
      }
      const held = await rooms.formerMembership(link.room);
      if (held && held.server !== link.server && !(await confirmMove(held.server, link.server))) return undefined;
      const name = await nameOrAsk("The name that the others will read beside your notes.");
      if (name === undefined) return undefined;
      const since = !held || held.left ? await unshared(link.room) : 0;
      if (since > 0 && !(await confirmSharing(count(since, "change"), held ? "left" : "alone"))) return undefined;
      const uri = await vscode.window.withProgress(
        { location: vscode.ProgressLocation.Notification, title: "Marginalia: joining the session" },
        () => joinAndFetch(link, name, held),
      );
      if (uri) await options.openReader(uri);
      return uri;
    },

    async copyInvite(article) {
      const membership = await rooms.membership(article.room.id);
      if (!membership) {
        void vscode.window.showInformationMessage("This article is not shared yet: host a session first.");
        return;
      }
      if (membership.role !== "owner") {
        if (membership.invite) await handOut(membership.invite, "This is the link that you were invited with.");
        else tell("Only the owner of the session can invite others.");
        return;
      }
      const role = await chooseInvitedRole();
      if (role === undefined) return;
      const link = await makeInvite(article, membership, role);
      if (link !== undefined) await handOut(link, INVITED[role].done);
    },

    async leave(article) {
      const leave = "Leave";
      const isOwner = article.room.me().role === "owner";
      const back = isOwner ? "To come back, host the session again." : "To come back you need an invite link.";
      const choice = await vscode.window.showWarningMessage(
        "Leave the session?",
        {
          modal: true,
          detail: `What you read and wrote stays on this computer, and so does what you write from now on. ${back}`,
        },
        leave,
      );
      if (choice === leave) await rooms.leave(article.room.id);
    },
  };

  /** Changes that were made here and no server has. */
  const unshared = async (id: string): Promise<number> => {
    if (!(await rooms.isKnown(id))) return 0;
    const { room, release } = await rooms.open(id);
    try {
      return room.status.waiting;
    } finally {
      release();
    }
  };

  /** Whether something was written here as somebody else than `participant`, and whether a server has all of it. */
  const wordsOfAnother = async (id: string, participant: string): Promise<keyof typeof LEFT_BEHIND | null> => {
    if (!(await rooms.isKnown(id))) return null;
    const { room, release } = await rooms.open(id);
    try {
      const me = room.me().participant;
      const { margin, private: own } = room.documents;
      if (me === participant || entriesOf(margin, me).size + entriesOf(own, me).size === 0) return null;
      return room.status.waiting > 0 ? "waiting" : "sent";
    } finally {
      release();
    }
  };

  const joinAndFetch = async (
    link: InviteLink,
    name: string,
    held: Membership | undefined,
  ): Promise<vscode.Uri | undefined> => {
    const joined = await joinRoom(api, link, { name, ...(held ? { heldToken: held.token } : {}) });
    if (joined.ok) {
      const { room, participant } = joined.value;
      const hosted = held?.hosted && held.server === link.server;
      const invite = formatInviteLink(link);
      const leftBehind = await wordsOfAnother(room, participant);
      await rooms.enter(room, {
        server: link.server,
        participant,
        name,
        invite,
        ...remembered(joined.value),
        ...(hosted ? { hosted } : {}),
      });
      if (leftBehind) void vscode.window.showWarningMessage(LEFT_BEHIND[leftBehind]);
    } else if (!held || held.left || joined.reason !== "unreachable") {
      tell(`You could not join the session. ${joined.message}`);
      return undefined;
    }
    // a member whose server cannot be reached reads on with what is here
    const id = link.room;
    const hold = await rooms.open(id);
    try {
      await articleArrived(hold.room);
      if (articleText(hold.room.documents.article).length === 0) {
        throw new Error("The session has no article yet. Its host may not have finished opening it.");
      }
      return (await options.fileOf(id)) ?? articleUri(id, readArticleMeta(hold.room.documents.article).fileName);
    } catch (error) {
      tell(error instanceof Error ? error.message : String(error));
      return undefined;
    } finally {
      hold.release();
    }
  };

  return flow;
}

/** What this reader wrote in the margin, as a sentence says it; nothing when there is nothing. */
function ownWords(room: Room): string {
  const me = room.me().participant;
  const threads = room.threads.all();
  const annotations = threads.filter(({ author, annotation }) => author === me && !annotation.deleted).length;
  const replies = threads
    .flatMap((thread) => thread.replies)
    .filter(({ author, entry }) => author === me && !entry.deleted);
  return [annotations && count(annotations, "annotation"), replies.length && count(replies.length, "reply", "replies")]
    .filter(Boolean)
    .join(" and ");
}
