// Comment bodies: the same Markdown and the same care as the article, without footnotes, ids and positions.
import { toHtml, type Mention } from "./html.ts";
import { parseAlone } from "./chunks.ts";
import { definitionsIn, type MarkdownNode } from "./tree.ts";

export type { Mention } from "./html.ts";

/**
 * A comment's Markdown as safe HTML. Line ends are breaks. `mentions` are the participants who may be named: "@Ada Lovelace"
 * becomes a `span.mention` with `data-participant`.
 */
export function renderBody(markdown: string, options: { mentions?: readonly Mention[] } = {}): string {
  const { children } = parseAlone(markdown);
  const definitions = new Map<string, MarkdownNode>();
  for (const node of definitionsIn(children)) {
    const label = node.label ?? "";
    if (!definitions.has(label)) definitions.set(label, node);
  }
  // Of two names of which one begins the other, the longer is meant.
  const mentions = options.mentions?.toSorted((a, b) => b.name.length - a.name.length) ?? [];
  return toHtml(children, {
    source: markdown,
    definition: (label) => definitions.get(label),
    footnote: () => undefined,
    lineBreaks: true,
    mentions,
  });
}
