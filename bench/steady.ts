/** How far the last costs may lie apart: what a shared machine does to them from second to second. */
const tolerance = 1.05;
const alike = 3;

/** Whether the last three costs lie within a twentieth of each other. */
export function isSteady(costs: readonly number[]): boolean {
  const last = costs.slice(-alike);
  return last.length === alike && Math.max(...last) <= Math.min(...last) * tolerance;
}

/**
 * Runs slices of load until their cost stays the same, at most `most` of them. `slice` resolves with its cost, or null
 * where the system doesn't tell: then all of them are run. Returns how many were.
 */
export async function warmUntilSteady(slice: () => Promise<number | null>, most: number): Promise<number> {
  const costs: number[] = [];
  for (let run = 1; run <= most; run++) {
    const cost = await slice();
    if (cost !== null) costs.push(cost);
    if (isSteady(costs)) return run;
  }
  return most;
}
