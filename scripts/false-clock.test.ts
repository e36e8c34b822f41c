import { execFileSync, spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import { realTime } from "../server/test/support/false-clock.ts";
import { testWhere } from "../server/test/support/not-tested.ts";
import { falseClock, falseTime, findFaketime } from "./false-clock.ts";

const now = Date.UTC(2026, 10, 28, 12);

test.each([
  ["+40d", "2027-01-07T12:00:00.000Z"],
  ["-1d", "2026-11-27T12:00:00.000Z"],
  ["2028-02-29T23:59:30Z", "2028-02-29T23:59:30.000Z"],
])("%s is %s", (text, at) => {
  expect(new Date(falseTime(text, now)!).toISOString()).toBe(at);
});

test.each(["40d", "+40", "tomorrow", "2028-02-29", "2027-13-01T00:00:00Z", "+40dd"])(
  "%s is no time",
  (text) => {
    expect(falseTime(text, now)).toBeNull();
  },
);

const library = findFaketime();
testWhere(library !== null)("Node and what it starts live in the false time", async () => {
  const at = Date.UTC(2028, 1, 29, 23, 59, 30);
  // Under a false clock this test's own time is none to count from.
  const real = 1000 * Number(execFileSync("date", ["+%s"], { env: realTime(), encoding: "utf8" }));
  const { env, startsAt } = falseClock(library!, at, real);
  expect(startsAt).toBe("2028-02-29T23:59:30Z");
  const program = `
    const { execFileSync } = require("node:child_process");
    const before = performance.now();
    setTimeout(() => {
      const waited = performance.now() - before;
      console.log(JSON.stringify([Date.now(), 1000 * execFileSync("date", ["+%s"]), waited]));
    }, 50);`;
  const run = spawnSync(process.execPath, ["-e", program], {
    env: { ...process.env, ...env },
    encoding: "utf8",
  });
  const [ours, theirs, waited] = JSON.parse(run.stdout) as [number, number, number];
  expect(ours - at).toBeGreaterThanOrEqual(-1000);
  expect(ours - at).toBeLessThan(600_000);
  expect(Math.abs(theirs - ours)).toBeLessThan(60_000);
  expect(waited).toBeLessThan(60_000);
});
