/**
 * Whether memory grows for ever, from samples of a run. A process that starts working fills its caches, its
 * allocator's arenas and its young generation: that growth ends. A leak's does not. So only the second half of the
 * run is judged; of each minute only the lowest sample, because a garbage-collected heap rises and falls; and
 * only growth that is beyond the fit's own uncertainty counts.
 */
export interface MemorySample {
  readonly seconds: number;
  readonly megabytes: number;
}

export interface MemoryTrend {
  /** Megabytes a minute, by least squares. */
  readonly slope: number;
  /** Two and a half standard errors of the slope: about 95 % on one side for so few minutes. */
  readonly margin: number;
  /** Growth over the second half that the slope amounts to, in megabytes. */
  readonly growth: number;
}

const windowSeconds = 60;

/** Null for a run too short to have five minutes after its first half. */
export function memoryTrend(samples: readonly MemorySample[]): MemoryTrend | null {
  const end = samples.at(-1)?.seconds ?? 0;
  const lows = new Map<number, number>();
  for (const { seconds, megabytes } of samples) {
    if (seconds < end / 2 || Number.isNaN(megabytes)) continue;
    const window = Math.floor((seconds - end / 2) / windowSeconds);
    lows.set(window, Math.min(lows.get(window) ?? Number.POSITIVE_INFINITY, megabytes));
  }
  if (lows.size < 5) return null;
  const points = [...lows].map(([window, low]) => ({ x: (window * windowSeconds) / 60, y: low }));
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [x, y] = [mean(points.map((point) => point.x)), mean(points.map((point) => point.y))];
  const spread = points.reduce((sum, point) => sum + (point.x - x) ** 2, 0);
  const slope = points.reduce((sum, point) => sum + (point.x - x) * (point.y - y), 0) / spread;
  const residuals = points.reduce((sum, point) => sum + (point.y - y - slope * (point.x - x)) ** 2, 0);
  const margin = 2.5 * Math.sqrt(residuals / (points.length - 2) / spread);
  return { slope, margin, growth: (slope * end) / 120 };
}

/** Whether memory surely grows by more than the limit, in megabytes a minute. */
export function growsBeyond(trend: MemoryTrend | null, limit: number): boolean {
  return trend !== null && trend.slope - trend.margin > limit;
}
