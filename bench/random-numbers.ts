/**
 * Whole numbers from 1 to `highest`, at random, and the same ones for the same seed: both sides of a comparison are
 * asked the same. mulberry32.
 */
export function randomNumbers(seed: number, highest: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return 1 + Math.floor((((t ^ (t >>> 14)) >>> 0) / 4_294_967_296) * highest);
  };
}
