/** Hosting, joining, leaving: the steps that a reader goes through, each of which may end in a sentence instead. */
import * as vscode from "vscode";
import type { RoomId } from "../../core/model/ids.ts";
import type { Role } from "../../core/model/roles.ts";
import { createInvite, createRoom, formatInviteLink, type InviteLink, joinRoom, parseInviteLink } from "../../sync/invites.ts";
import type { Identity } from "../identity.ts";
import type { Log } from "../log.ts";
import type { Credentials, Membership } from "./credentials.ts";
import { ensureHostedServer, networkAddresses, type RunningServer } from "./hosted-server.ts";
