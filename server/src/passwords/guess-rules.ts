import type { RateLimitRule } from "../engines/kv/rate-limit.ts";

/** Wrong passwords in a row of one subject: who guesses, at what. */
export interface GuessBounds {
  /** What a mistake costs. */
  readonly perHour: number;
  /** What bounds patience. */
  readonly perDay: number;
}

/** The rules of both, to be counted in one step: the hour first, because what it refuses must not use up the day. */
export function guessRules(name: string, { perHour, perDay }: GuessBounds): readonly RateLimitRule[] {
  return [
    { name, limit: perHour, windowSeconds: 3600 },
    { name: `${name}-day`, limit: perDay, windowSeconds: 86_400 },
  ];
}
