import { median } from "../figures.ts";

/** How two versions are judged by what a request costs each. Nothing here measures. */
export type Side = "here" | "there";

/** Nine ratios hold the true one between their least and largest 255 times of 256. */
export const fewestPairs = 9;

/** Whose turn is first: here, there, there, here, … (ABBA), so that a machine that slows down slows both alike. */
export function orderOf(pair: number): readonly [Side, Side] {
  return pair % 2 === 0 ? ["here", "there"] : ["there", "here"];
}

/** What a request cost on each side in one pair, in the same unit. */
export type Pair = Readonly<Record<Side, number>>;

/** Here against there; above 1 is dearer here. */
export function ratiosOf(pairs: readonly Pair[]): number[] {
  return pairs.map(({ here, there }) => {
    if (!(here > 0 && there > 0)) throw new RangeError(`no costs to compare: ${here} and ${there}`);
    return here / there;
  });
}

export interface Verdict {
  readonly median: number;
  /** The ends of the spread. */
  readonly low: number;
  readonly high: number;
  /** The whole spread lies above the limit. */
  readonly isDearer: boolean;
}

/**
 * The spread is the least to the largest ratio; of more pairs it leaves out as many at each end as it can and still
 * holds the true ratio 99 times of 100 (`leftOut`). The least of a hundred is chance, and nothing would ever be dearer.
 */
export function judge(ratios: readonly number[], limit: number): Verdict {
  const sorted = ratios.toSorted((a, b) => a - b);
  const out = leftOut(sorted.length);
  const [low = 0, high = 0] = [sorted[out], sorted[sorted.length - 1 - out]];
  return { median: median(sorted), low, high, isDearer: low > limit };
}

/**
 * How many of so many values may go at each end. The true median lies below the k-th least where fewer than k values
 * came out below it, each with a chance of one half: a binomial tail, and as much again at the other end.
 */
export function leftOut(count: number): number {
  let chance = 0.5 ** count;
  let tail = chance;
  let out = 0;
  for (let below = 1; below < count / 2; below++) {
    chance *= (count - below + 1) / below;
    tail += chance;
    if (2 * tail > 0.01) break;
    out = below;
  }
  return out;
}
