import { dayMillis } from "../kernel/clock.ts";

/**
 * The end of so many working days from a time on, by UTC+8. Which weekend days are worked in return for a public holiday the State
 * Council says year by year, so every weekend day counts where there may be one, and no holiday counts as none: the end comes no
 * later than the law has it (guard: working-days.test.ts, by the calendars of five years). Epoch milliseconds.
 */
const chinaMillis = 8 * 3600 * 1000;

/**
 * First and last day, month and date, of the times in which no public holiday is near enough: between the Dragon Boat Festival
 * (25 June at the latest) and Mid-Autumn (7 September at the earliest), and between the National Day and the New Year's days.
 */
const withoutReturn = [
  ["07-11", "08-22"],
  ["10-26", "12-22"],
] as const;

export function afterWorkingDays(from: number, days: number): number {
  let at = from;
  for (let left = days; left > 0; ) {
    at += dayMillis;
    if (mayBeWorking(at)) left--;
  }
  return at;
}

function mayBeWorking(at: number): boolean {
  const day = new Date(at + chinaMillis);
  const [weekday, date] = [day.getUTCDay(), day.toISOString().slice(5, 10)];
  if (weekday !== 0 && weekday !== 6) return true;
  return !withoutReturn.some(([first, last]) => first <= date && date <= last);
}
