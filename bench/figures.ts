import type { Growth } from "./growth.ts";
import type { Sample } from "./measure.ts";
import type { RunResult } from "./rounds.ts";

/** What a run's samples come to: medians over the rounds throughout. */
export interface Report extends RunResult {
  readonly growth: Growth | null;
}

export type Figure = "perSecond" | "cpuMicros" | "p50Millis" | "p99Millis" | "maxMillis";

const read = (sample: Sample, name: Figure): number | null =>
  name === "perSecond" || name === "cpuMicros" ? sample[name] : (sample.latencies?.[name] ?? null);

/** 0 of nothing. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1
    ? (sorted[middle] ?? 0)
    : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}

const samplesOf = (result: RunResult, id: string) => result.rows.find((row) => row.id === id)?.samples ?? [];

/** Null where it was not measured. */
export function figure(result: RunResult, id: string, name: Figure): number | null {
  const known = samplesOf(result, id).flatMap((sample) => read(sample, name) ?? []);
  return known.length === 0 ? null : median(known);
}

/** The median of the rounds' own ratios: what a round's neighbours on the machine do hits both sides. */
export function ratio(result: RunResult, id: string, floor: string, name: Figure): number | null {
  const others = samplesOf(result, floor);
  const ratios = samplesOf(result, id).flatMap((sample, i) => {
    const base = others[i] && read(others[i], name);
    const value = read(sample, name);
    return value && base ? [value / base] : [];
  });
  return ratios.length === 0 ? null : median(ratios);
}

/** The median of the rounds' own ratios of the large table to the small one. */
export function growthOf(row: Growth["rows"][number], [small, large]: Growth["sizes"]): number {
  const base = row.cpuMicros[small] ?? [];
  return median((row.cpuMicros[large] ?? []).map((value, i) => value / (base[i] ?? 1)));
}
