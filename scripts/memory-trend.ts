/**
 * Whether memory grows for ever, from samples of a run. A process that starts working fills its caches, its
 * allocator's arenas and its young generation: that growth ends. A leak's does not. So the warm-up is left out;
 * and of each minute only the lowest sample counts, because what is collected rises and falls.
 */
export interface MemorySample {
  readonly seconds: number;
  readonly megabytes: number;
}

export interface MemoryTrend {
  /** Megabytes a minute after the warm-up, by least squares. */
  readonly slope: number;
  /** Three standard errors of the slope: of runs that do not grow, less than one in a hundred is beyond it (measured). */
  readonly margin: number;
  /** The minutes it was taken from. */
  readonly windows: number;
}

const windowSeconds = 60;
const leastWindows = 5;

/** The first three minutes; of a shorter run its first half. */
export function warmUpSeconds(runSeconds: number): number {
  return Math.min(180, runSeconds / 2);
}

/** Null for a run too short to have five minutes after its warm-up, or without figures. */
export function memoryTrend(samples: readonly MemorySample[]): MemoryTrend | null {
  const end = samples.at(-1)?.seconds ?? 0;
  const from = warmUpSeconds(end);
  // A last minute of which a moment is there has no low of its own.
  const whole = Math.floor((end - from) / windowSeconds + 0.1);
  const lows = new Map<number, number>();
  for (const { seconds, megabytes } of samples) {
    if (seconds < from || Number.isNaN(megabytes)) continue;
    const window = Math.floor((seconds - from) / windowSeconds);
    if (window >= whole) continue;
    lows.set(window, Math.min(lows.get(window) ?? Number.POSITIVE_INFINITY, megabytes));
  }
  if (lows.size < leastWindows) return null;
  const points = [...lows].map(([window, low]) => ({ x: (window * windowSeconds) / 60, y: low }));
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [x, y] = [mean(points.map((point) => point.x)), mean(points.map((point) => point.y))];
  const spread = points.reduce((sum, point) => sum + (point.x - x) ** 2, 0);
  const slope = points.reduce((sum, point) => sum + (point.x - x) * (point.y - y), 0) / spread;
  const residuals = points.reduce((sum, point) => sum + (point.y - y - slope * (point.x - x)) ** 2, 0);
  const margin = 3 * Math.sqrt(residuals / (points.length - 2) / spread);
  return { slope, margin, windows: points.length };
}

/**
 * Whether memory surely grows by more than the limit, in megabytes a minute: what V8 and the
 * allocator keep for later moves by megabytes without growing, and the margin says how much of the slope that may be. A longer run has a smaller margin.
 */
export function growsBeyond(trend: MemoryTrend | null, limit: number): boolean {
  return trend !== null && trend.slope - trend.margin > limit;
}
