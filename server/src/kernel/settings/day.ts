import { SettingProblem } from "../../errors/setting-problem.ts";

/** The beginning of a day in UTC, such as `2027-01-31`, epoch milliseconds. */
export function readDay(raw: string): number {
  const start = /^\d{4}-\d\d-\d\d$/.test(raw) ? Date.parse(`${raw}T00:00:00Z`) : Number.NaN;
  const isDay = !Number.isNaN(start) && new Date(start).toISOString().startsWith(raw);
  if (!isDay) throw new SettingProblem("day", { value: raw });
  return start;
}
