/** What people type as their name or a title, fit to stand in anybody's cards, lists and messages. Pure. */

const JOINER = String.raw`\p{Join_Control}`;
/** Scripts in which a joiner, or a non-joiner, is part of how a word is written. */
const JOINED = ["Arab", "Syrc", "Mong", "Deva", "Beng", "Guru", "Gujr", "Orya", "Taml", "Telu", "Knda", "Mlym", "Sinh"]
  .map((script) => String.raw`\p{Script_Extensions=${script}}`)
  .join("");
const PICTURE = String.raw`\p{Extended_Pictographic}\p{Emoji_Modifier}\uFE0F`;

/** A joiner that joins in its first group; or a run of what is white, controls or hides. */
const UNTIDY = new RegExp(
  String.raw`(?<=[${JOINED}])(${JOINER})(?=[${JOINED}])|(?<=[${PICTURE}])(\u200D)(?=\p{Extended_Pictographic})|[\s\p{Cc}\p{Cf}\p{Cs}]+`,
  "gu",
);

/**
 * One line without control characters and without invisible ones (which make two names of one look), but for joiners where Persian and
 * Indian words and composed emoji need them. At most `length` UTF-16 code units, not ended inside a character.
 */
export function tidyLine(text: string, length: number): string {
  return text
    .replace(UNTIDY, (_all, joiner: string | undefined, picture: string | undefined) => joiner ?? picture ?? " ")
    .trim()
    .slice(0, length)
    .replace(/[\p{Cs}\p{Join_Control}\s]+$/u, "");
}
