// Which lines of a plain text are headings. A heading that is missed costs a line in the outline; a sentence taken for one
// spoils the page: so a line must have two things that speak for it.

export interface PlainParagraph {
  text: string;
  /** Lines it had in the file. */
  lines: number;
}

/** Headings that articles have under these names, alone on a line. */
const NAMED = new RegExp(
  "^(?:" +
    "abstract|summary|keywords|introduction|background|preface|motivation|related work|(?:review of (?:the )?)?literature(?: review)?|" +
    "theor(?:y|etical (?:framework|background))|conceptual framework|(?:materials and )?methods?|methodology|research (?:design|methods?|methodology)|" +
    "data(?: and methods?)?|analysis|findings|results(?: and discussion)?|discussion(?: and conclusions?)?|limitations|" +
    "(?:concluding remarks|conclusions?)(?: and .{3,40})?|epilogue|references(?: list)?|reference list|bibliography|works cited|sources|" +
    "(?:end)?notes|acknowledge?ments?|funding|appendi(?:x|ces)(?: [a-z\\d]{1,2})?|supplementary materials?|conflicts? of interests?|" +
    "zusammenfassung|einleitung|methoden|ergebnisse|diskussion|fazit|schluss|literatur(?:verzeichnis)?|danksagung|anhang|" +
    "résumé|introducción|resumen|método|metodología|resultados|discusión|conclusiones|referencias|bibliografía|bibliographie|remerciements|" +
    "چکیده|مقدمه|روش(?: تحقیق)?|یافته[\u200c ]?ها|بحث|نتیجه[\u200c ]?گیری|منابع|الملخص|ملخص|المقدمة|مقدمة|المنهج|النتائج|المناقشة|الخاتمة|خاتمة|المراجع" +
    ")\\s*:?$",
  "iu",
);
const LIST_OF_SOURCES =
  /^(?:\d+[.)-]?\s+)?(?:references?(?: list)?|bibliography|works cited|sources|literatur(?:verzeichnis)?|referencias|bibliograf[íi]a|bibliographie|منابع|المراجع)\s*:?$/iu;

const NUMBERED = /^(\d{1,2}(?:[.\-–]\d{1,2}){0,4})(?:[.):\-–]*)\s+(?=[\p{L}"'“«(])/u;
const ROMAN = /^([IVX]{1,5})[.)]\s+(?=\p{L})/u;
const SENTENCE_END = /[.!?:;,\u061B\u061F\u06D4]["'”’»)\]]*$/;

/** The heading level of each paragraph, 0 for those that are none. The title has 1, sections have 2 and more. */
export function findHeadings(paragraphs: readonly PlainParagraph[]): number[] {
  const levels: number[] = [];
  let numbers: number[] = [];
  let roman = 0;
  let level = 1;
  let begun = false;
  let inSources = false;

  paragraphs.forEach((paragraph, index) => {
    const { text } = paragraph;
    const before = paragraphs[index - 1];
    const after = paragraphs[index + 1];
    const found = ((): number => {
      if (paragraph.lines > 2 || text.length > 160 || !/\p{L}{2}/u.test(text)) return 0;
      if (index === 0)
        return paragraphs.length > 2 && !/[.;,]$/.test(text) && !NAMED.test(text) ? 1 : NAMED.test(text) ? 2 : 0;
      if (NAMED.test(text)) return 2;
      if (inSources) return 0;
      const digits = NUMBERED.exec(text);
      if (digits !== null) {
        const path = (digits[1] as string).split(/[.\-–]/).map(Number);
        if (text.length > 130 || /[.;,:]$/.test(text) || !follows(numbers, path)) return 0;
        // Numbers that follow each other with nothing between are a list.
        if (isNext(after, path) || (before !== undefined && levels[index - 1] === 0 && numberOf(before) !== undefined))
          return 0;
        numbers = path;
        return Math.min(6, path.length + 1);
      }
      const numeral = ROMAN.exec(text);
      if (numeral !== null && text.length <= 100 && !SENTENCE_END.test(text)) {
        if (romanValue(numeral[1] as string) !== roman + 1) return 0;
        roman++;
        return 2;
      }
      if (isCapitals(text)) return 2;
      return begun && standsAlone(text, before, after) ? Math.max(2, level) : 0;
    })();
    levels.push(found);
    if (found > 0) {
      level = found;
      inSources = LIST_OF_SOURCES.test(text.replace(NUMBERED, ""));
    }
    if (found > 1 || text.length > 300) begun = true;
  });
  return levels;
}

/** A short line between two paragraphs of prose. */
function standsAlone(text: string, before: PlainParagraph | undefined, after: PlainParagraph | undefined): boolean {
  if (before === undefined || after === undefined) return false;
  const words = text.split(/\s+/).length;
  if (text.length > 80 || words > 10 || SENTENCE_END.test(text) || !/^["'“«]?[\p{Lu}\p{Lt}\p{Lo}]/u.test(text))
    return false;
  if (/@|https?:|www\.|\d{4}|[=|<>]/.test(text)) return false;
  // Prose goes on after a heading with a new sentence of some length.
  return (
    after.text.length > 120 && !/^[\p{Ll}([\d-]/u.test(after.text) && /[.!?)\]"'”’»:\u061F\u06D4]$/.test(before.text)
  );
}

function isCapitals(text: string): boolean {
  const letters = text.match(/\p{L}/gu) ?? [];
  if (letters.length < 5 || text.length > 100 || /[.;,]$/.test(text) || !/[ -]|^.{6,}$/.test(text)) return false;
  return letters.every((letter) => letter !== letter.toLowerCase()) && !/\d{3}|@|:\/\//.test(text);
}

/** Whether `path` may be the number of the section after the one numbered `last`. */
function follows(last: readonly number[], path: readonly number[]): boolean {
  if (last.length === 0) return path.every((number) => number === 1 || (number === 0 && path.length === 1));
  if (path.length > last.length) {
    return (
      path.length === last.length + 1 && last.every((number, i) => number === path[i]) && path[path.length - 1] === 1
    );
  }
  const end = path.length - 1;
  return path.every((number, i) => number === (i === end ? (last[i] as number) + 1 : last[i]));
}

function numberOf(paragraph: PlainParagraph): number | undefined {
  const match = /^(?:[-*•–]\s*)?(\d{1,2})[.)-]/.exec(paragraph.text);
  return match === null ? undefined : Number(match[1]);
}

function isNext(paragraph: PlainParagraph | undefined, path: readonly number[]): boolean {
  const match = paragraph === undefined ? null : NUMBERED.exec(paragraph.text);
  if (match === null)
    return paragraph !== undefined && path.length === 1 && numberOf(paragraph) === (path[0] as number) + 1;
  const next = (match[1] as string).split(/[.\-–]/).map(Number);
  return next.length === path.length && follows(path, next);
}

function romanValue(numeral: string): number {
  const values: Record<string, number> = { I: 1, V: 5, X: 10 };
  let sum = 0;
  for (let i = 0; i < numeral.length; i++) {
    const value = values[numeral.charAt(i)] ?? 0;
    sum += value < (values[numeral.charAt(i + 1)] ?? 0) ? -value : value;
  }
  return sum;
}
