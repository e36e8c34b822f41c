/** The key that was probably meant: the one with the fewest letters to change (Levenshtein). */
export function closestKey(typed: string, keys: Iterable<string>): string {
  const wanted = typed.slice(0, 100);
  let best = "";
  let fewest = Number.POSITIVE_INFINITY;
  for (const key of keys) {
    const distance = changesBetween(wanted, key);
    if (distance < fewest) [best, fewest] = [key, distance];
  }
  return best;
}

function changesBetween(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1];
    for (const [j, other] of [...b].entries()) {
      const replaced = (row[j] as number) + (letter === other ? 0 : 1);
      next.push(Math.min(replaced, (row[j + 1] as number) + 1, (next[j] as number) + 1));
    }
    row = next;
  }
  return row.at(-1) as number;
}
