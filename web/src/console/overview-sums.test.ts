import { expect, it } from "vitest";
import { byDay, byName, sumsOf } from "./overview-sums.ts";

const now = new Date(2026, 10, 30, 15, 30);
const at = (day: number, hour: number, counts: Record<string, number>) => ({
  from: new Date(2026, 10, day, hour).toISOString(),
  counts,
});
const hours = [
  at(28, 23, { "log_in:password": 4, "refused:wrong_password": 2 }),
  at(30, 0, {
    "log_in:qq": 1,
    "event:user.created": 1,
    "mail:accepted": 3,
    "mail:refused": 1,
    "mail:queued": 9,
  }),
  at(30, 15, { "log_in:password": 2, "refused:throttled": 5, "sms:accepted": 2 }),
];

it("adds up by kind, and knows what failed from what is tried again", () => {
  expect(sumsOf(hours)).toEqual({
    ...{ signUps: 1, logIns: 7, refused: 7, mails: 3, mailsRefused: 1, sms: 2, smsRefused: 0 },
  });
});

it("names reasons and ways, the most first", () => {
  expect(byName(hours, "refused:")).toEqual([
    ["throttled", 5],
    ["wrong_password", 2],
  ]);
  expect(byName(hours, "log_in:")[0]).toEqual(["password", 6]);
});

it("has every day, the latest first, by the reader's midnight", () => {
  const days = byDay(hours, now, 4);
  expect(days.map(({ sums }) => sums.logIns)).toEqual([3, 0, 4, 0]);
  expect(days[0]!.day).toEqual(new Date(2026, 10, 30));
});
