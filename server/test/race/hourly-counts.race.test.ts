import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createLog } from "../../src/kernel/log.ts";
import { createHourlyCounts, hourOf } from "../../src/observability/hourly-counts.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";

const processes = 20;
const names = ["log_in:password", "refused:wrong_password", "event:user.created", "mail:accepted"];

describe("many processes that add to one hour", () => {
  let test: TestApp;
  beforeAll(async () => {
    test = await startTestApp();
  });
  afterAll(() => test.close());

  it("lose nothing, and wait for each other nowhere", async () => {
    const { db } = test.app;
    const hour = hourOf(test.clock.now()) + 1;
    const clock = { ...test.clock, now: () => hour * 3_600_000 };
    const all = Array.from({ length: processes }, (_, i) => {
      let count = 0;
      // Each names them in another order.
      const own = [...names.slice(i % 4), ...names.slice(0, i % 4)];
      const counters = () => Object.fromEntries(own.map((name) => [name, count]));
      const counts = createHourlyCounts({ db, clock, log: createLog("silent"), counters });
      return async () => {
        for (let times = 0; times < 5; times++) {
          count += 3;
          await Promise.all([counts.flush(), counts.flush()]);
        }
        await counts.close();
      };
    });
    await Promise.all(all.map((run) => run()));
    const counts = createHourlyCounts({ db, clock, log: createLog("silent"), counters: () => ({}) });
    const [found] = await counts.since(hour);
    expect(found!.counts).toEqual(Object.fromEntries(names.map((name) => [name, processes * 15])));
  });
});
