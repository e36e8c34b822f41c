import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createSmsConversion } from "../../src/codes/sms-conversion.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";

const callers = 50;
/** One of its buckets, in seconds. */
const twentyMinutes = 1200;

describe(`${callers} codes by SMS that go out and come back at once`, () => {
  let test: TestApp;
  beforeAll(async () => {
    test = await startTestApp();
    // At a bucket's beginning, so that none of what is counted at once falls into two.
    test.clock.advance(twentyMinutes - ((test.clock.now() / 1000) % twentyMinutes));
  });
  afterAll(() => test.close());

  it.each([
    // Of 50 exactly a fifth, and one less: a count that is lost or doubled turns one of them over.
    { country: "AA", proved: 10, isPoor: false },
    { country: "BB", proved: 9, isPoor: true },
  ])("each is counted: $proved of 50 of $country", async ({ country, proved, isPoor }) => {
    const warnings: object[] = [];
    const log = { warn: (line: object) => void warnings.push(line), debug() {} } as never;
    // Each as a process of its own would.
    const conversions = Array.from({ length: callers }, () =>
      createSmsConversion({
        ...{ kv: test.app.kv, clock: test.clock, log, smsConversionFloor: 20, countryOf: () => country },
      }),
    );
    await Promise.all(
      conversions.flatMap((one, i) => [
        one.sent("13800138000"),
        ...(i < proved ? [one.proved("13800138000")] : []),
      ]),
    );
    const judged = () => Promise.all(conversions.map((one) => one.isPoor("13800138000")));
    // Those of the present twenty minutes are still on their way.
    expect(new Set(await judged())).toEqual(new Set([false]));
    test.clock.advance(twentyMinutes);
    // An answer of the application ages the entries of a Redis.
    await test.anonymous({ url: "/test/" });
    expect(new Set(await judged())).toEqual(new Set([isPoor]));
    expect(warnings).toEqual(isPoor ? [{ alarm: "sms_conversion", country, sent: 50, proved }] : []);
  });
});
