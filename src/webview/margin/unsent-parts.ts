/** What a card says of words that were not sent, and what can be done about them. */
import { html, nothing, type TemplateResult } from "lit";
import { icon } from "../chrome/icons.ts";
import { threadIn } from "../reduce.ts";
import type { State } from "../state.ts";
import { entryIn, type Unsent, type UnsentEdit } from "../unsent.ts";
import { bodyTemplate } from "./body.ts";
import type { CardContext } from "./card-parts.ts";

/** Whether what a reply or a change is about is no longer there. */
export function isStranded(entry: Unsent, state: State): boolean {
  if (entry.what === "note") return false;
  if (entry.what === "reply") return threadIn(state, entry.thread) === undefined;
  for (const thread of state.threads.values()) if (entryIn(thread, entry.of)) return false;
  return true;
}

/** Why it stands here. */
function sentenceOf(entry: Unsent): string {
  const lost = entry.what === "note" && entry.passage.fate === "lost";
  if (entry.state === "aside") return lost ? "Not sent yet. Its passage is gone from the text." : "Not sent yet.";
  return `Not sent. ${lost ? "Its passage is gone from the text." : entry.reason}`;
}

/** `more`: further buttons. */
export function unsentTemplate(
  entry: Unsent,
  context: CardContext,
  more: TemplateResult | typeof nothing = nothing,
): TemplateResult {
  const { actions } = context;
  const lost = entry.what === "note" && entry.passage.fate === "lost";
  const stranded = isStranded(entry, context.state);
  return html`<div class="unsent-note">
    <p>${icon("warning")}<span>${sentenceOf(entry)}</span></p>
    <div class="unsent-actions">
      ${
        lost || stranded
          ? nothing
          : html`<button type="button" class="primary" @click=${() => actions.retry(entry.intent)}>
              ${entry.state === "aside" ? "Send" : "Retry"}
            </button>`
      }
      ${
        stranded
          ? nothing
          : html`<button type="button" class="quiet" @click=${() => actions.editUnsent(entry.intent)}>
              ${lost ? "Choose a passage" : entry.state === "aside" ? "Go on writing" : "Edit"}
            </button>`
      }
      ${more}
      <button type="button" class="quiet" @click=${() => actions.discard(entry.intent)}>Discard</button>
    </div>
  </div>`;
}

/** Other words for what stands above. */
export function unsentEditTemplate(entry: UnsentEdit, context: CardContext): TemplateResult {
  return html`<div class="unsent-edit">
    ${bodyTemplate(entry.text, context.state.people)} ${unsentTemplate(entry, context)}
  </div>`;
}
