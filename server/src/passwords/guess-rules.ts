import type { RateLimitRule } from "../engines/kv/rate-limit.ts";
import { type GuessName, limitRule } from "../kernel/limits.ts";

/** Wrong passwords in a row of one subject: who guesses, at what. */
export interface GuessBounds {
  /** What a mistake costs. */
  readonly perHour: number;
  /** What bounds patience. */
  readonly perDay: number;
}

/** The rules of both, to be counted in one step: the hour first, because what it refuses must not use up the day. */
export function guessRules(name: GuessName, { perHour, perDay }: GuessBounds): readonly RateLimitRule[] {
  return [limitRule(name, perHour), limitRule(`${name}-day`, perDay)];
}
