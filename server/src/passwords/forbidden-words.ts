/**
 * Words of the site itself in a new password: its name, its products, its firm (OWASP ASVS 5.0 6.1.2 and 6.2.11). Refused is
 * what is little more than such a word: with digits and signs around it, or fewer than `ownLetters` letters. A phrase that
 * happens to hold the word passes. Written with digits and signs for letters it is the same word (attack: the first guesses
 * at any site are its name and a year, as `Meidu0-2026`; guard: forbidden-words.test.ts).
 */
const ownLetters = 4;

/** Shorter words are in half of all passwords; two signs are a word in Chinese. */
const shortestWord = { letters: 3, signs: 2 };

const disguises: Readonly<Record<string, string>> = {
  "0": "o",
  "1": "i",
  "3": "e",
  "4": "a",
  "5": "s",
  "7": "t",
  "@": "a",
  $: "s",
  "!": "i",
};

/** Whether a password is one of the words with a bit around it. */
export type ForbiddenWords = (password: string) => boolean;

export function createForbiddenWords(words: readonly string[]): ForbiddenWords {
  const folded = words.map((word) => plain([...fold(word)]).join("")).filter(isLongEnough);
  // The longest first: what a shorter one within it would leave is no word of its own.
  const known = [...new Set(folded)].sort((a, b) => b.length - a.length);
  return (password) => {
    // The same length before and after: what is left of a word is counted as it was typed.
    const typed = [...fold(password)];
    const text = plain(typed);
    const found = known.filter((word) => mark(text, typed, [...word]));
    return found.length > 0 && typed.filter((sign) => /\p{L}/u.test(sign)).length < ownLetters;
  };
}

function isLongEnough(word: string): boolean {
  const signs = [...word];
  return signs.length >= (/^\p{ASCII}*$/u.test(word) ? shortestWord.letters : shortestWord.signs);
}

/** Takes each place of the word out of both; says whether there was one. */
function mark(text: string[], typed: string[], word: readonly string[]): boolean {
  let isThere = false;
  for (let at = 0; at + word.length <= text.length; at++) {
    if (!word.every((sign, i) => text[at + i] === sign)) continue;
    isThere = true;
    text.fill("", at, at + word.length);
    typed.fill("", at, at + word.length);
  }
  return isThere;
}

function fold(text: string): string {
  return text.normalize("NFKC").toLowerCase().replace(/\s/g, "");
}

function plain(signs: readonly string[]): string[] {
  return signs.map((sign) => disguises[sign] ?? sign);
}
