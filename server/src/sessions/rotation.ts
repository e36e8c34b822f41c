/**
 * What becomes of a session whose refresh token is shown: the rule alone, without clock, database or network. Promises
 * (guard: rotation.test.ts tries thousands of orders of lost answers, late packets, tabs and thieves):
 *
 * - there is one token that is good, the one with the session's number; each use replaces it by the next number;
 * - one that was replaced at most 30 seconds ago brings the present one again, whoever lost the answer: nothing forks;
 * - one that was replaced earlier was copied, by its owner's thief or by a thief's victim: the session ends.
 *
 * The times of the last replacements are kept one by one, so that the 30 seconds are those of the very token. A window
 * that began anew with each replacement would never close for a thief who keeps replacing; one for the last token alone
 * would log out a client whose second try overtook its first.
 */
export const graceMillis = 30_000;

/**
 * Replacements within the grace. Beyond them the present token is answered as it is: as many times fit into the row, and
 * no honest client comes as far.
 */
const mostRecent = 8;

export interface Lineage {
  /** The number of the token that is good. */
  readonly counter: number;
  /** When those before it were replaced, the last one last; epoch milliseconds. */
  readonly rotations: readonly number[];
}

export type Verdict =
  | { readonly kind: "rotate"; readonly next: Lineage }
  | { readonly kind: "repeat" }
  | { readonly kind: "replay" };

/** What to do with the token of that number, at `now` in epoch milliseconds. It is known to be one of ours. */
export function judge(lineage: Lineage, presented: number, now: number): Verdict {
  const { counter, rotations } = lineage;
  // Issued, and yet not known: a failover lost what was committed, and its owner must not pay for it.
  if (presented > counter) return { kind: "rotate", next: { counter: presented + 1, rotations: [now] } };
  if (presented < counter) {
    const replacedAt = rotations.at(presented - counter);
    const isLate = replacedAt === undefined || now - replacedAt > graceMillis;
    return { kind: isLate ? "replay" : "repeat" };
  }
  const first = rotations.findIndex((at) => now - at <= graceMillis);
  const recent = first < 0 ? [] : rotations.slice(first);
  if (recent.length >= mostRecent) return { kind: "repeat" };
  return { kind: "rotate", next: { counter: counter + 1, rotations: [...recent, now] } };
}

/** As the row has it. */
export function readRotations(text: string): number[] {
  return text === "" ? [] : text.split(",").map(Number);
}

export function writeRotations(rotations: readonly number[]): string {
  return rotations.join(",");
}
