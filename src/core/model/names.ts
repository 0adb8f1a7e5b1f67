/** Names of people: which of them look the same, and how those who bear them are told apart. Pure. */

/** What looks like another letter, small letters after it: pairs of a sign and the one that it is taken for. */
const TAKEN_FOR = new Map(
  (
    "0o 1l il ıl |l " +
    "аa вb еe кk мm нh оo рp сc тt уy хx іl јj ѕs һh ԁd ԛq ԝw ӏl ёe " +
    "αa βb εe ηh ιl κk μm νv οo ρp τt υy χx ζz"
  )
    .split(" ")
    .map((pair) => [pair.slice(0, 1), pair.slice(1)] as const),
);

/** What of a name is the same for two names that look alike; empty for one that shows nothing. */
export function lookOf(name: string): string {
  const plain = name
    .normalize("NFKC")
    .replace(/[\p{Cf}\p{Default_Ignorable_Code_Point}\u2800]/gu, "")
    .replace(/[\s\p{Cc}]+/gu, " ")
    .trim()
    .toLowerCase();
  return Array.from(plain, (sign) => TAKEN_FOR.get(sign) ?? sign).join("");
}

/**
 * The names of different people, in the same order, no two of which look the same: whoever is the first of a name keeps it, also
 * where it looks like a numbered one; the others get a number that is free.
 */
export function tellApart(names: readonly string[]): string[] {
  const looks = names.map(lookOf);
  const taken = new Set<string>();
  const isFirst = looks.map((look) => taken.size < taken.add(look).size);
  const numbers = new Map<string, number>();
  return names.map((name, i) => {
    if (isFirst[i]) return name;
    const look = looks[i]!;
    let number = numbers.get(look) ?? 2;
    while (taken.has(lookOf(`${name} (${number})`))) number++;
    numbers.set(look, number + 1);
    const numbered = `${name} (${number})`;
    taken.add(lookOf(numbered));
    return numbered;
  });
}
