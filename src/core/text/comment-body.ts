// Comment bodies: the same Markdown and the same care as the article, without footnotes, ids and positions.
import { toHtml, type Mention } from "./html.ts";
import { parseFlow } from "./syntax.ts";
import { buildTree } from "./tree.ts";

export type { Mention } from "./html.ts";

/** Longer bodies are cut before they are parsed; the protocol's own limit on an entry is below this. */
const MAX_BODY = 100_000;

/**
 * A comment's Markdown as safe HTML. Line ends are breaks. `mentions` are the participants who may be named: "@Ada Lovelace"
 * becomes a `span.mention` with `data-participant`.
 */
export function renderBody(markdown: string, options: { mentions?: readonly Mention[] } = {}): string {
  const source = markdown.slice(0, MAX_BODY);
  const flow = parseFlow(source, { footnotes: false });
  const root = buildTree(flow.finish(flow.labels), source, flow.parsed);
  const definitions = new Map<string, { url: string; title: string }>();
  for (const node of root.children) {
    if (node.type === "definition" && !definitions.has(node.label ?? "")) definitions.set(node.label ?? "", node);
  }
  // Of two names of which one begins the other, the longer is meant.
  const mentions = options.mentions?.toSorted((a, b) => b.name.length - a.name.length) ?? [];
  return toHtml(root.children, {
    source,
    definition: (label) => definitions.get(label),
    footnote: () => undefined,
    lineBreaks: true,
    mentions,
  });
}
