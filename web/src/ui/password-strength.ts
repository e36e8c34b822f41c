/**
 * A hint of how hard a password is to guess, while it is typed. A rough model on purpose (length, variety, repeats,
 * sequences, own name): the real lists of common passwords are checked by the server and would cost more to load
 * than the whole page.
 */
export interface Strength {
  /** 0 too short, 1 weak, 2 fair, 3 good, 4 strong. */
  readonly level: 0 | 1 | 2 | 3 | 4;
  readonly advice: "name" | "repeated" | "longer" | "good";
}

export function passwordStrength(password: string, ownWords: readonly string[] = []): Strength {
  const lower = password.toLowerCase();
  const own = ownWords.flatMap((word) => [word, word.split("@")[0] ?? ""]);
  const usesName = own.some((word) => word.length >= 4 && lower.includes(word.toLowerCase()));
  const characters = [...password];
  if (characters.length < 8) return { level: 0, advice: usesName ? "name" : "longer" };
  if (usesName) return { level: 1, advice: "name" };
  const bits = effectiveLength(characters) * Math.log2(alphabetSize(password));
  const level = bits < 36 ? 1 : bits < 52 ? 2 : bits < 72 ? 3 : 4;
  const repetitive = effectiveLength(characters) < characters.length * 0.6;
  if (level >= 3) return { level, advice: "good" };
  return { level, advice: repetitive ? "repeated" : "longer" };
}

/** Characters that carry surprise: a repeat or the next step of a run (`aaa`, `123`, `cba`) counts a fifth. */
function effectiveLength(characters: readonly string[]): number {
  let length = 0;
  for (const [index, character] of characters.entries()) {
    const before = characters[index - 1];
    const step = before === undefined ? 99 : character.codePointAt(0)! - before.codePointAt(0)!;
    const echoed =
      index >= 3 &&
      characters
        .slice(0, index)
        .join("")
        .includes(characters.slice(index - 2, index + 1).join(""));
    length += Math.abs(step) <= 1 || echoed ? 0.2 : 1;
  }
  return length;
}

function alphabetSize(password: string): number {
  let size = 0;
  if (/[a-z]/.test(password)) size += 26;
  if (/[A-Z]/.test(password)) size += 26;
  if (/[0-9]/.test(password)) size += 10;
  if (/[^a-zA-Z0-9\s]/.test(password.replace(/[^\p{ASCII}]/gu, ""))) size += 20;
  if (/\s/.test(password)) size += 2;
  if (/[^\p{ASCII}]/u.test(password)) size += 600;
  return Math.max(size, 2);
}
