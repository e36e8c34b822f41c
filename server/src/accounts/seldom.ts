import { AppError } from "../errors/errors.ts";

/**
 * What an account may ask for a few times in many days, where each time is a row. `asked`: when it did within the window, the oldest
 * first; times in epoch milliseconds. Error: `throttled`, with the seconds until the oldest one is outside.
 */
export function expectSeldom(
  asked: readonly number[],
  { most, windowSeconds }: { readonly most: number; readonly windowSeconds: number },
  now: number,
): void {
  if (asked.length < most) return;
  const free = asked.at(-most)! + windowSeconds * 1000;
  throw new AppError("throttled", { retryAfterSeconds: Math.ceil((free - now) / 1000) });
}
