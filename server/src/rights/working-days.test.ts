import { expect, it } from "vitest";
import { dayMillis } from "../kernel/clock.ts";
import { afterWorkingDays } from "./working-days.ts";

it.each([
  ["2026-11-23T09:00:00+08:00", 1, "2026-11-24T09:00:00+08:00"],
  ["2026-11-27T09:00:00+08:00", 1, "2026-11-30T09:00:00+08:00"],
  ["2026-11-28T09:00:00+08:00", 1, "2026-11-30T09:00:00+08:00"],
  ["2026-11-23T09:00:00+08:00", 15, "2026-12-14T09:00:00+08:00"],
  // Saturday there, Friday in UTC.
  ["2026-12-05T02:00:00+08:00", 1, "2026-12-07T02:00:00+08:00"],
  // A weekend that may be made up for, and where it may not.
  ["2027-02-05T09:00:00+08:00", 1, "2027-02-06T09:00:00+08:00"],
  ["2027-08-06T09:00:00+08:00", 1, "2027-08-09T09:00:00+08:00"],
])("from %s on %i days end %s", (from, days, end) => {
  expect(afterWorkingDays(Date.parse(from), days)).toBe(Date.parse(end));
});

/**
 * Public holidays with their first and last day, and weekend days on which people work in return, by the notices of the State Council's
 * General Office for each year.
 */
const calendars: Record<number, { readonly off: readonly string[]; readonly madeUp: readonly string[] }> = {
  2022: {
    off: [
      "01-01 01-03",
      "01-31 02-06",
      "04-03 04-05",
      "04-30 05-04",
      "06-03 06-05",
      "09-10 09-12",
      "10-01 10-07",
    ],
    madeUp: ["01-29", "01-30", "04-02", "04-24", "05-07", "10-08", "10-09"],
  },
  2023: {
    off: ["01-01 01-02", "01-21 01-27", "04-05 04-05", "04-29 05-03", "06-22 06-24", "09-29 10-06"],
    madeUp: ["01-28", "01-29", "04-23", "05-06", "06-25", "10-07", "10-08"],
  },
  2024: {
    off: [
      "01-01 01-01",
      "02-10 02-17",
      "04-04 04-06",
      "05-01 05-05",
      "06-10 06-10",
      "09-15 09-17",
      "10-01 10-07",
    ],
    madeUp: ["02-04", "02-18", "04-07", "04-28", "05-11", "09-14", "09-29", "10-12"],
  },
  2025: {
    off: ["01-01 01-01", "01-28 02-04", "04-04 04-06", "05-01 05-05", "05-31 06-02", "10-01 10-08"],
    madeUp: ["01-26", "02-08", "04-27", "09-28", "10-11"],
  },
  2026: {
    off: [
      "01-01 01-03",
      "02-15 02-23",
      "04-04 04-06",
      "05-01 05-05",
      "06-19 06-21",
      "09-25 09-27",
      "10-01 10-07",
    ],
    madeUp: ["01-04", "02-14", "02-28", "05-09", "09-20", "10-10"],
  },
};

const dayOf = (at: number) => new Date(at + 8 * 3600 * 1000).toISOString().slice(0, 10);

function isWorkingByLaw(at: number): boolean {
  const [year, date] = [dayOf(at).slice(0, 4), dayOf(at).slice(5)];
  const { off, madeUp } = calendars[Number(year)]!;
  if (madeUp.includes(date)) return true;
  if (off.some((days) => days.slice(0, 5) <= date && date <= days.slice(6))) return false;
  return ![0, 6].includes(new Date(`${year}-${date}T00:00:00Z`).getUTCDay());
}

function endByLaw(from: number, days: number): number {
  let at = from;
  for (let left = days; left > 0; ) {
    at += dayMillis;
    if (isWorkingByLaw(at)) left--;
  }
  return at;
}

it("from no day of five years on does the end come after the law's", () => {
  const first = Date.parse("2022-01-01T12:00:00+08:00");
  const late: string[] = [];
  let same = 0;
  // Not so far that the next year's holidays would have to be known.
  for (let at = first; at < Date.parse("2026-12-01T00:00:00+08:00"); at += dayMillis) {
    for (const days of [1, 5, 15]) {
      const [ours, law] = [afterWorkingDays(at, days), endByLaw(at, days)];
      if (ours > law) late.push(`${dayOf(at)} and ${days} days: ${dayOf(ours)}, not ${dayOf(law)}`);
      if (ours === law) same++;
    }
  }
  expect(late).toEqual([]);
  // It is no promise that is kept by ending at once.
  expect(same).toBeGreaterThan(1800);
});
