import { invalidFields } from "../errors/errors.ts";
import { dayMillis } from "../kernel/clock.ts";

/** When what staff decide for a while is over: a disabling, a denial. Each says so of the field `until`. */
const longestDays = 3660;
const notToCome = () => invalidFields({ field: "until", code: "end_not_to_come" });

/** Epoch milliseconds of what a request says in ISO 8601; null for good. Error: `invalid_fields` for what is no time. */
export function readEnd(until: string | undefined): number | null {
  const end = until === undefined ? null : Date.parse(until);
  if (Number.isNaN(end)) throw notToCome();
  return end;
}

/** Error: `invalid_fields` for an end that is past, or further off than ten years. */
export function checkEnd(end: number | null, now: number): void {
  if (end !== null && !(end > now && end <= now + longestDays * dayMillis)) throw notToCome();
}
