import { dayMillis } from "../kernel/clock.ts";

/**
 * The end of so many working days from a time on: Monday to Friday by UTC+8. Public holidays are not known here, so the end comes
 * no later than the law has it. Epoch milliseconds.
 */
const chinaMillis = 8 * 3600 * 1000;

export function afterWorkingDays(from: number, days: number): number {
  let at = from;
  for (let left = days; left > 0; ) {
    at += dayMillis;
    const weekday = new Date(at + chinaMillis).getUTCDay();
    if (weekday !== 0 && weekday !== 6) left--;
  }
  return at;
}
