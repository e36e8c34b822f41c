import { expect, it } from "vitest";
import { afterWorkingDays } from "./working-days.ts";

it.each([
  ["2026-11-30T09:00:00+08:00", 1, "2026-12-01T09:00:00+08:00"],
  ["2026-12-04T09:00:00+08:00", 1, "2026-12-07T09:00:00+08:00"],
  ["2026-12-05T09:00:00+08:00", 1, "2026-12-07T09:00:00+08:00"],
  ["2026-11-30T09:00:00+08:00", 15, "2026-12-21T09:00:00+08:00"],
  // Saturday there, Friday in UTC.
  ["2026-12-05T02:00:00+08:00", 1, "2026-12-07T02:00:00+08:00"],
])("from %s on %i days end %s", (from, days, end) => {
  expect(afterWorkingDays(Date.parse(from), days)).toBe(Date.parse(end));
});
