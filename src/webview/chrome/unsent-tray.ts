/** The list of what was written and not sent, wherever it belongs: above the article, as long as there is any. */
import { html, nothing, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import { KIND_TITLES, kindOf } from "../../core/model/kinds.ts";
import { bodyTemplate } from "../margin/body.ts";
import { type CardContext, timeTemplate } from "../margin/card-parts.ts";
import { isStranded, unsentTemplate } from "../margin/unsent-parts.ts";
import { plainText, shorten, threadLine } from "../model/words.ts";
import { threadIn } from "../reduce.ts";
import { entryIn, provisionalRef, type Unsent, waiting } from "../unsent.ts";
import { icon } from "./icons.ts";

export function unsentTrayTemplate(context: CardContext, close: () => void): TemplateResult {
  const entries = waiting(context.state.unsent);
  return html`<header>
      <h2>${entries.length} not sent</h2>
      <button type="button" class="icon-button" aria-label="Close" title="Close" @click=${close}>
        ${icon("close")}
      </button>
    </header>
    <p>What you wrote is kept here until it is sent, or until you discard it.</p>
    ${repeat(
      entries,
      (entry) => entry.intent,
      (entry) => itemTemplate(entry, context),
    )}`;
}

function itemTemplate(entry: Unsent, context: CardContext): TemplateResult {
  const { title, sign, kind, quote } = describe(entry, context);
  const card = placeOf(entry, context);
  const more = html`${
      card === null
        ? nothing
        : html`<button type="button" class="quiet" @click=${() => context.showPassage(card)}>Show place</button>`
    }<button type="button" class="quiet" @click=${() => void context.actions.request("copyText", { text: entry.text })}>
      Copy text
    </button>`;
  return html`<article class="card full unsent ${kind}" data-unsent=${entry.intent} aria-label="${title}, not sent">
    <header><span class="kind">${icon(sign)}${title}</span>${timeTemplate(entry, context.now)}</header>
    ${quote ? html`<blockquote class="passage" dir="auto">${shorten(quote, 280)}</blockquote>` : nothing}
    ${bodyTemplate(entry.text, context.state.people)} ${unsentTemplate(entry, context, more)}
  </article>`;
}

function describe(entry: Unsent, { state, actions }: CardContext) {
  if (entry.what === "note") {
    const kind = kindOf({ ...entry.passage, body: entry.text });
    return { title: KIND_TITLES[kind], sign: kind, kind, quote: entry.passage.quote } as const;
  }
  if (entry.what === "reply") {
    const thread = threadIn(state, entry.thread);
    const title = thread ? `Reply to ${actions.nameOf(thread.author)}` : "Reply";
    const quote = thread ? threadLine(thread, actions.nameOf) : "";
    return { title, sign: "reply", kind: "", quote } as const;
  }
  const now = threadOf(entry.of, state);
  return { title: "Change", sign: "edit", kind: "", quote: now ? plainText(now.body, actions.nameOf) : "" } as const;
}

function threadOf(ref: string, state: CardContext["state"]) {
  for (const thread of state.threads.values()) {
    const found = entryIn(thread, ref);
    if (found) return found;
  }
  return undefined;
}

/** The card in which it stands; null when it has none. */
function placeOf(entry: Unsent, { state }: CardContext): string | null {
  if (isStranded(entry, state)) return null;
  if (entry.what === "note") return entry.passage.fate === "lost" ? null : provisionalRef(entry.intent);
  return entry.what === "reply" ? entry.thread : (threadOf(entry.of, state)?.thread ?? null);
}
