import * as fc from "fast-check";
import { fromMarkdown } from "mdast-util-from-markdown";
import { gfmFromMarkdown } from "mdast-util-gfm";
import { gfm } from "micromark-extension-gfm";

interface AnyNode {
  type: string;
  url?: string;
  value?: string;
  children?: AnyNode[];
}

export const parse = (markdown: string): AnyNode =>
  fromMarkdown(markdown, { extensions: [gfm()], mdastExtensions: [gfmFromMarkdown()] });

export function nodesIn(node: AnyNode): AnyNode[] {
  return [node, ...(node.children ?? []).flatMap(nodesIn)];
}

/** What must not be found in contained Markdown. */
export function dangers(root: AnyNode): string[] {
  const never = [
    "html",
    "heading",
    "definition",
    "footnoteDefinition",
    "footnoteReference",
    "linkReference",
    "image",
    "imageReference",
  ];
  return nodesIn(root)
    .filter(
      (node) => never.includes(node.type) || (node.type === "link" && !/^(https?:\/\/|mailto:)/i.test(node.url ?? "")),
    )
    .map((node) => `${node.type} ${node.url ?? node.value ?? ""}`);
}

/** Bodies of the kind that breaks reports: pieces of syntax in any order. */
export const hostile = fc
  .array(
    fc.oneof(
      { weight: 5, arbitrary: fc.constantFrom(
        "# ", "## Claims\n", "\n", "\n\n", "\n---\n", "\n===\n", "```", "~~~", "<script>", "</script>", "<!--", "-->", "<div>", "<?", "<![CDATA[", "]]>",
        "<a href='x'>", "[x](javascript:alert(1))", "[x](command:a)", "<javascript:x>", "![i](https://x/y.png)", "![i][r]", "[r]: javascript:x\n", "\n[r]: /x\n",
        "[r]", "[^1]", "[^1]: note\n", "> ", "- ", "1. ", "* ", "    ", "\t", " ", "a", "b c", "**", "_", "`", "``", "|", "|-|-|\n", "- [ ] ", "\\", "&lt;", "&#35; ",
        "www.x.org", "https://x.org", "a@b.org", "xmpp:a@b.org", "@[Ada](ada)", "😀", "\u202E", "می", "\r", "\r\n", "\u0000", "\u2028", "\ud800", "~~", "$$\n", "$", ":", "::: note\n", "---\n", "<http://x>", "[a](http://x)", "[a](//x)", "[a](#b)", "[a](data:text/html,x)",
      ) }, // prettier-ignore
      { weight: 1, arbitrary: fc.string({ maxLength: 6 }) },
    ),
    { maxLength: 30 },
  )
  .map((pieces) => pieces.join(""));
