/** Where a note, a reply or a correction is written: Markdown with a preview, names of people after an @. */
import { html, LitElement, nothing } from "lit";
import { ref } from "lit/directives/ref.js";
import { tooLong } from "../../core/model/entries.ts";
import type { Person } from "../../protocol/reader.ts";
import { fold } from "../model/filter.ts";
import {
  BEGUN,
  begins,
  type Meant,
  signOf,
  toField,
  toKept,
  withWritten,
  writable,
} from "../../core/model/mentions.ts";
import { initials } from "../model/words.ts";
import { bodyTemplate } from "./body.ts";

/** The words that the composer speaks to what holds it. */
export interface ComposerEvents {
  typed(text: string): void;
  send(text: string): void;
  cancel(text: string): void;
}

const SUGGESTED = 6;
let serial = 0;

export class Composer extends LitElement {
  static override properties = {
    label: {},
    placeholder: {},
    sendLabel: {},
    error: {},
    people: { attribute: false },
    preview: { state: true },
    suggestions: { state: true },
    chosen: { state: true },
  };
  declare label: string;
  declare placeholder: string;
  declare sendLabel: string;
  declare error: string;
  declare people: ReadonlyMap<string, Person>;
  declare preview: boolean;
  declare suggestions: Person[];
  declare chosen: number;
  /** The text at first, as it is kept; afterwards what is in the field counts. */
  initial = "";
  events: ComposerEvents | null = null;
  #field: HTMLTextAreaElement | null = null;
  /** What stands in the field, and who is meant by the names in it. */
  #written: { text: string; meant: Meant } | null = null;
  #id = `composer-${serial++}`;

  constructor() {
    super();
    this.label = "Comment";
    this.placeholder = "";
    this.sendLabel = "Send";
    this.error = "";
    this.people = new Map();
    this.preview = false;
    this.suggestions = [];
    this.chosen = 0;
  }

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  /** As it is kept. */
  get text(): string {
    return this.#written ? toKept(this.#written.text, this.#written.meant) : this.initial;
  }

  get #shown(): { text: string; meant: Meant } {
    return this.#written ?? toField(this.initial);
  }

  override focus(): void {
    this.#field?.focus();
    const { length } = this.#shown.text;
    this.#field?.setSelectionRange(length, length);
  }

  #typed = () => {
    const field = this.#field!;
    this.#written = { text: field.value, meant: withWritten(field.value, this.#shown.meant, this.people.values()) };
    this.events?.typed(this.text);
    const word = BEGUN.exec(field.value.slice(0, field.selectionStart));
    const start = word ? fold(word[1]!) : null;
    this.suggestions =
      start === null
        ? []
        : [...this.people.values()]
            .filter((person) => !person.me && begins(fold(person.name), start))
            // of two who look alike the one who is here is meant more often
            .sort((a, b) => Number(b.online) - Number(a.online))
            .slice(0, SUGGESTED);
    this.chosen = 0;
    this.requestUpdate();
  };

  #mention(person: Person) {
    const field = this.#field!;
    const end = field.selectionStart;
    const start = field.value.lastIndexOf("@", end - 1);
    const { text, meant } = this.#shown;
    const sign = signOf(person, meant);
    const known = meant.get(sign) ?? { name: writable(person.name), id: person.id };
    this.#written = { text, meant: new Map(meant).set(sign, known) };
    field.setRangeText(`${sign} `, start, end, "end");
    this.#typed();
    this.suggestions = [];
    field.focus();
  }

  #send = () => {
    if (this.text.trim() === "" || tooLong(this.text)) return;
    this.events?.send(this.text);
  };

  #keys = (event: KeyboardEvent) => {
    const command = event.ctrlKey || event.metaKey;
    const people = this.suggestions;
    if (people.length > 0) {
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        const step = event.key === "ArrowDown" ? 1 : people.length - 1;
        this.chosen = (this.chosen + step) % people.length;
        return;
      }
      if ((event.key === "Enter" && !command) || event.key === "Tab") {
        event.preventDefault();
        this.#mention(people[this.chosen]!);
        return;
      }
      if (event.key === "Escape") {
        event.preventDefault();
        event.stopPropagation();
        this.suggestions = [];
        return;
      }
    }
    if (event.key === "Enter" && command) {
      event.preventDefault();
      event.stopPropagation();
      this.#send();
    } else if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      this.events?.cancel(this.text);
    }
  };

  protected override render() {
    const people = this.suggestions;
    const list = `${this.#id}-people`;
    const error = tooLong(this.text) ?? this.error;
    return html`
      <div class="composer ${error ? "failed" : ""}" @keydown=${this.#keys}>
        ${
          this.preview
            ? html`<div class="preview" role="group" aria-label="Preview">
                ${bodyTemplate(this.text || "*Nothing to show yet*", this.people)}
              </div>`
            : html`<textarea
                dir="auto"
                rows="2"
                aria-label=${this.label}
                placeholder=${this.placeholder}
                aria-autocomplete="list"
                aria-controls=${people.length ? list : nothing}
                aria-activedescendant=${people.length ? `${list}-${this.chosen}` : nothing}
                aria-describedby=${error ? `${this.#id}-error` : nothing}
                ${ref((element) => {
                  const field = (element as HTMLTextAreaElement | undefined) ?? null;
                  if (field && field !== this.#field) field.value = this.#shown.text;
                  this.#field = field;
                })}
                @input=${this.#typed}
                @blur=${() => (this.suggestions = [])}
              ></textarea>`
        }
        ${
          people.length
            ? html`<ul class="people-list" id=${list} role="listbox" aria-label="People">
                ${people.map(
                  (person, i) =>
                    html`<li
                      id="${list}-${i}"
                      role="option"
                      aria-selected=${i === this.chosen}
                      @mousedown=${(event: Event) => {
                        event.preventDefault();
                        this.#mention(person);
                      }}
                    >
                      <span class="avatar colour-${person.colour}" aria-hidden="true">${initials(person.name)}</span
                      ><bdi>${person.name}</bdi>${person.online ? nothing : html`<span class="away">away</span>`}
                    </li>`,
                )}
              </ul>`
            : nothing
        }
        ${error ? html`<p class="error" id="${this.#id}-error">${error}</p>` : nothing}
        <div class="composer-actions">
          <button
            type="button"
            class="quiet"
            aria-pressed=${this.preview}
            @click=${() => {
              this.preview = !this.preview;
              if (!this.preview) void this.updateComplete.then(() => this.focus());
            }}
          >
            Preview
          </button>
          <span class="hint" aria-hidden="true">Markdown, @ for people</span>
          <button type="button" class="quiet" @click=${() => this.events?.cancel(this.text)}>Cancel</button>
          <button type="button" class="primary" title="${this.sendLabel} (Ctrl+Enter)" @click=${this.#send}>
            ${this.sendLabel}
          </button>
        </div>
      </div>
    `;
  }
}

customElements.define("m-composer", Composer);
