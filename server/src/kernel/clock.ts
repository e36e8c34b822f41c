/**
 * The one place that reads the time, so that tests can move it.
 *
 * Everything that expires asks a Clock; nothing else calls Date.now (the tidy test enforces it).
 */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number;
}

export const systemClock: Clock = { now: () => Date.now() };

/** Whole seconds since the Unix epoch, as JWT's NumericDate (RFC 7519 section 2) wants them. */
export function epochSeconds(clock: Clock): number {
  return Math.floor(clock.now() / 1000);
}

export const dayMillis = 86_400_000;

/** By how much the clocks of processes may differ, for whoever looks for what another one wrote since. */
export const clockSkewMillis = 600_000;
