/** When what failed is tried again: over 75 hours, as the Standard Webhooks specification recommends. */
const minute = 60;
const hour = 60 * minute;
const waits = [5, 5 * minute, 30 * minute, 2 * hour, 5 * hour, 10 * hour, 14 * hour, 20 * hour, 24 * hour];

/**
 * Milliseconds from the failure of attempt number `attempt` to the next; null after the last. Up to a tenth more (`random` in
 * [0, 1)), so that a thousand that failed together don't come back together.
 */
export function retryMillis(attempt: number, random: number): number | null {
  const wait = waits[attempt - 1];
  return wait === undefined ? null : Math.round(wait * 1000 * (1 + random / 10));
}
