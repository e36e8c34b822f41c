/** Of a run's answers, in milliseconds. */
export interface Latencies {
  readonly p50Millis: number;
  readonly p99Millis: number;
  readonly maxMillis: number;
}

/** By nearest rank: each is a time that was measured. All 0 where nothing was. */
export function latenciesOf(millis: readonly number[]): Latencies {
  const sorted = Float64Array.from(millis).sort();
  const at = (share: number) => sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0;
  return { p50Millis: at(0.5), p99Millis: at(0.99), maxMillis: at(1) };
}
