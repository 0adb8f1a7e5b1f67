/** The replies of a thread, those that are not there yet among them. */
import { html, nothing, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import type { ReplyMessage, ThreadMessage } from "../../protocol/reader.ts";
import { icon } from "../chrome/icons.ts";
import { countFolded } from "../model/opened.ts";
import { plural } from "../model/words.ts";
import { unsentEdits, unsentReplies } from "../unsent.ts";
import { bodyTemplate } from "./body.ts";
import {
  type CardContext,
  editTemplate,
  hideItem,
  isNew,
  mayHide,
  menuButton,
  openEditor,
  personTemplate,
  reactButton,
  reactionsTemplate,
  timeTemplate,
} from "./card-parts.ts";
import type { MenuItem } from "./menu.ts";
import { unsentEditTemplate, unsentTemplate } from "./unsent-parts.ts";

export function repliesTemplate(
  thread: ThreadMessage,
  active: boolean,
  context: CardContext,
): TemplateResult | typeof nothing {
  const { state } = context;
  const pending = unsentReplies(state.unsent, thread.ref);
  const all = thread.replies;
  if (all.length + pending.length === 0) return nothing;
  if (!active) {
    const fresh = all.filter((reply) => reply.unread).length;
    const kept =
      pending.filter((reply) => reply.state !== "sending").length +
      all.reduce((sum, reply) => sum + unsentEdits(state.unsent, reply.ref).length, 0);
    return html`<p class="count">
      ${icon("reply")}<bdi dir="ltr"
        >${plural(all.length + pending.length, "reply", "replies")}${fresh ? html` · <b>${fresh} new</b>` : nothing}${
          kept ? html` · <b class="warning">${kept} not sent</b>` : nothing
        }</bdi
      >
    </p>`;
  }
  const folded = state.expandedReplies.has(thread.ref) ? 0 : countFolded(thread, state.opened);
  return html`<div class="replies">
    ${
      folded
        ? html`<button
            type="button"
            class="quiet unfold"
            @click=${() => context.update({ expandedReplies: new Set(state.expandedReplies).add(thread.ref) })}
          >
            Show ${plural(folded, "earlier reply", "earlier replies")}
          </button>`
        : nothing
    }
    ${repeat(
      all.slice(folded),
      (reply) => reply.ref,
      (reply) => replyTemplate(reply, context),
    )}
    ${repeat(
      pending,
      (reply) => reply.intent,
      (reply) =>
        html`<div class="reply ${reply.state === "sending" ? "sending" : "unsent"}">
          <div class="reply-head">
            ${personTemplate(state.me?.id ?? "", context)}${timeTemplate(reply, context.now)}
          </div>
          ${bodyTemplate(reply.text, state.people)}
          ${reply.state === "sending" ? nothing : unsentTemplate(reply, context)}
        </div>`,
    )}
  </div>`;
}

function replyTemplate(reply: ReplyMessage, context: CardContext): TemplateResult {
  const { state, actions } = context;
  const items: MenuItem[] = [];
  if (reply.mine && !reply.deleted) {
    items.push({ label: "Edit", icon: "edit", takesFocus: true, run: () => openEditor(reply.ref, context) });
    items.push({ label: "Delete", icon: "trash", run: () => void actions.remove(reply.ref) });
  }
  if (mayHide(reply, state)) items.push(hideItem(reply, context));
  return html`<div class="reply" data-reply=${reply.ref}>
    <div class="reply-head">
      ${personTemplate(reply.author, context)}
      ${isNew(reply, state) ? html`<span class="unread"><span class="hidden">New.</span></span>` : nothing}${timeTemplate(reply, context.now)}
      <span class="buttons">
        ${state.capabilities.annotate && !reply.deleted ? reactButton(reply, context) : nothing}
        ${items.length ? menuButton(`${reply.ref}:more`, "More", icon("more"), () => items, context) : nothing}
      </span>
    </div>
    ${reply.hidden ? html`<p class="note">${icon("hide")}Hidden from the group</p>` : nothing}
    ${
      reply.deleted
        ? html`<p class="note">Deleted by its author</p>`
        : state.editing === reply.ref
          ? editTemplate(reply, "reply", context)
          : bodyTemplate(reply.body, state.people)
    }
    ${unsentEdits(state.unsent, reply.ref).map((entry) => unsentEditTemplate(entry, context))}
    ${reactionsTemplate(reply, true, context)}
  </div>`;
}
