/**
 * What a Markdown text is called before it is parsed: the words of its first line that looks like a heading, as they are
 * written, at most 300 UTF-16 code units. Undefined when there is none.
 */
export function firstHeading(source: string): string | undefined {
  const words = /^#{1,6}[ \t]+(?!#+[ \t]*$)(\S.{0,299})/mu.exec(source)?.[1]?.trimEnd();
  // the signs that may close a heading stand apart from its last word
  return words
    ?.slice(0, 300)
    .replace(/[\uD800-\uDBFF]$/, "")
    .replace(/[ \t]+#+$/, "")
    .trimEnd();
}
