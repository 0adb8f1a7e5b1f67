/** Hosting, inviting, joining, leaving: the steps that a reader goes through, each of which may end in a sentence instead. */
import * as vscode from "vscode";
import { articleText, readArticleMeta } from "../../core/model/documents.ts";
import type { Role } from "../../core/model/roles.ts";
import {
  createInvite,
  createRoom,
  formatInviteLink,
  type InviteLink,
  joinRoom,
  parseInviteLink,
} from "../../sync/invites.ts";
import { articleUri } from "../article/file-system.ts";
import type { OpenArticle } from "../article/open-article.ts";
import { articleArrived, type Rooms } from "../article/rooms.ts";
import type { Identity } from "../identity.ts";
import type { Log } from "../log.ts";
import type { Membership } from "./credentials.ts";
import { ensureHostedServer, type HostedServerOptions, networkAddresses } from "./hosted-server.ts";
import { sessionApi as api } from "./session-api.ts";

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
}

const tell = (message: string) => void vscode.window.showErrorMessage(message);

export function createSessionFlow(options: SessionFlowOptions): SessionFlow {
  const { rooms, identity, log } = options;

  const nameOrAsk = async (reason: string) => (identity.chosen() ? identity.name() : identity.ask(reason));

  /** The server to host on: its http address, and the key for making rooms if there is one. */
  const chooseServer = async (): Promise<{ url: string; adminKey?: string; hosted?: boolean } | undefined> => {
    const settings = vscode.workspace.getConfiguration("marginalia.server");
    const configured = settings.get<string>("url", "").trim().replace(/\/+$/, "");
    if (configured) {
      if (!/^https?:\/\/[^\s/]+/.test(configured)) {
        tell("The setting marginalia.server.url is not an address that begins with http:// or https://.");
        return undefined;
      }
      const adminKey = settings.get<string>("adminKey", "");
      return { url: configured, ...(adminKey ? { adminKey } : {}) };
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

  /** What is written here becomes part of the session: the room keeps its id, this reader theirs. */
  const makeRoom = async (article: OpenArticle, name: string): Promise<Membership | undefined> => {
    const server = await chooseServer();
    if (!server) return undefined;
    const made = await createRoom(
      api,
      server.url,
      {
        room: article.room.id,
        title: article.title().slice(0, 200),
        participant: { id: article.room.me().participant, name },
      },
      server.adminKey,
    );
    if (!made.ok) {
      tell(`The session could not be started. ${made.message}`);
      return undefined;
    }
    return {
      server: server.url,
      token: made.value.token,
      participant: made.value.participant,
      role: made.value.role,
      name,
      ...(server.hosted ? { hosted: true } : {}),
    };
  };

  const makeInvite = async (article: OpenArticle, membership: Membership, role: InvitedRole) => {
    const made = await createInvite(api, membership.server, article.room.id, { role }, membership.token);
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
      const name = await nameOrAsk("The name that the others will read beside your notes.");
      if (name === undefined) return;
      const membership = await makeRoom(article, name);
      if (!membership) return;
      await rooms.enter(article.room.id, membership);
      log.info("A session was started.");
      const link = await makeInvite(article, membership, "reader");
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
      const choice = await vscode.window.showWarningMessage(
        "Leave the session?",
        {
          modal: true,
          detail: "What you read and wrote stays on this computer. To come back you need an invite link.",
        },
        leave,
      );
      if (choice === leave) await rooms.leave(article.room.id);
    },
  };

  const joinAndFetch = async (
    link: InviteLink,
    name: string,
    held: Membership | undefined,
  ): Promise<vscode.Uri | undefined> => {
    const joined = await joinRoom(api, link, { name, ...(held ? { heldToken: held.token } : {}) });
    if (joined.ok) {
      const { room, token, participant, role } = joined.value;
      const hosted = held?.hosted && held.server === link.server;
      const invite = formatInviteLink(link);
      await rooms.enter(room, {
        server: link.server,
        token,
        participant,
        role,
        name,
        invite,
        ...(hosted ? { hosted } : {}),
      });
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

type InvitedRole = Exclude<Role, "owner">;

const INVITED: Record<InvitedRole, { label: string; detail: string; done: string }> = {
  reader: { label: "$(comment) Readers", detail: "Read and annotate", done: "Readers join with this link." },
  author: {
    label: "$(edit) Authors",
    detail: "Read, annotate and edit the article",
    done: "Authors join with this link.",
  },
  observer: { label: "$(eye) Observers", detail: "Read only", done: "Observers join with this link." },
  reviewer: {
    label: "$(checklist) Reviewers",
    detail: "Read and annotate as reviewers",
    done: "Reviewers join with this link.",
  },
};

async function chooseInvitedRole(): Promise<InvitedRole | undefined> {
  const items = (["reader", "author", "observer"] as const).map((role) => ({ ...INVITED[role], role }));
  const choice = await vscode.window.showQuickPick(items, {
    title: "Marginalia: Copy Invite Link",
    placeHolder: "Whom is the link for?",
  });
  return choice?.role;
}

/** Which of this computer's addresses the server listens on; asked only where there is a choice. */
async function chooseHost(): Promise<string | undefined> {
  const addresses = networkAddresses();
  if (addresses.length === 0) return "127.0.0.1";
  const choice = await vscode.window.showQuickPick(
    [
      ...addresses.map((address) => ({
        label: "$(globe) People on this network",
        detail: `They must be able to reach ${address}`,
        host: address,
      })),
      {
        label: "$(device-desktop) Only this computer",
        detail: "For trying it out with two windows",
        host: "127.0.0.1",
      },
    ],
    { title: "Marginalia: Host a Session", placeHolder: "Who should be able to join?", ignoreFocusOut: true },
  );
  return choice?.host;
}

/**
 * A host whose address changed hands out new links, and whoever took part comes back as who they were. But the token that proves
 * who they are would let another server speak for them: it goes nowhere else without a look.
 */
async function confirmMove(from: string, to: string): Promise<boolean> {
  const join = "Join There";
  const choice = await vscode.window.showWarningMessage(
    "This link leads to another server",
    {
      modal: true,
      detail: `You know this session from ${new URL(from).host}. The link leads to ${new URL(to).host}, which would learn what proves who you are in it. Join there only if the host told you that the session moved.`,
    },
    join,
  );
  return choice === join;
}

/** Undefined: the reader thought better of it. */
async function askForLink(): Promise<InviteLink | undefined> {
  const clipboard = await vscode.env.clipboard.readText().then(
    (text) => text,
    () => "",
  );
  const value = await vscode.window.showInputBox({
    title: "Marginalia: Join Session",
    prompt: "Paste the invite link that you were given.",
    value: parseInviteLink(clipboard) ? clipboard.trim() : "",
    ignoreFocusOut: true,
    validateInput: (text) => (parseInviteLink(text) ? undefined : "This is not an invite link of Marginalia."),
  });
  return value === undefined ? undefined : (parseInviteLink(value) ?? undefined);
}
