import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createSmsBudget, strangersPartOf } from "../../src/codes/sms-budget.ts";
import { createSmsMinute } from "../../src/codes/sms-minute.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";

const callers = 30;
const many = <T>(call: (i: number) => Promise<T>) =>
  Promise.all(Array.from({ length: callers }, (_, i) => call(i)));

describe(`${callers} callers about SMS at once`, () => {
  let test: TestApp;
  let tokens: string[];
  beforeAll(async () => {
    test = await startTestApp({ env: { TRUST_PROXY: "1", SMS_REQUEST_LIMIT: "1000" } });
    tokens = [];
    for (let i = 0; i < 3; i++) {
      tokens.push((await test.signUp({ username: `racer0${i}`, email: `r${i}@qq.com` })).token);
    }
  });
  afterAll(() => test.close());

  const ask = (mobile: string, i: number) =>
    test.as(tokens[i % tokens.length]!)({
      url: `/verifications/sms_codes/${mobile}/?send_type=changeMobile`,
      headers: { "x-forwarded-for": `203.0.113.${i}` },
    });
  const statuses = (answers: readonly { readonly statusCode: number }[], status: number) =>
    answers.filter(({ statusCode }) => statusCode === status).length;

  it("one number gets one message, whichever networks and accounts ask", async () => {
    const answers = await many((i) => ask("13800138000", i));
    expect([statuses(answers, 200), statuses(answers, 400)]).toEqual([1, callers - 1]);
    await test.runJobs();
    expect(test.smsBox.filter(({ to }) => to === "13800138000")).toHaveLength(1);
  });

  it("the budget is never passed, and what is refused leaves nothing of it", async () => {
    const { kv } = test.app;
    const limits = { kv, smsPerHour: 20, smsPerDay: 2000 };
    const log = { warn() {} } as never;
    await kv.delete("{everybody}:limit:sms-budget-hour");
    await kv.delete("{everybody}:limit:sms-budget-day");
    const budget = createSmsBudget({ ...limits, log });
    const counted = async (isProved: boolean) =>
      (
        await many(() =>
          budget.count(isProved).then(
            () => true,
            () => false,
          ),
        )
      ).filter(Boolean).length;
    expect(await counted(false)).toBe(strangersPartOf(20));
    expect(await counted(true)).toBe(20 - strangersPartOf(20));
    expect(await kv.get("{everybody}:limit:sms-budget-day")).toBe("20");
    await many(() => budget.giveBack());
    expect(await kv.get("{everybody}:limit:sms-budget-hour")).toBeNull();
    expect(await counted(true)).toBe(20);
  });

  it("no two messages to a number are given the same minute", async () => {
    const { kv } = test.app;
    const minute = createSmsMinute({ kv, clock: test.clock, secretKey: test.config.secretKey! });
    const waits = await Promise.all(Array.from({ length: 8 }, () => minute.wait("13900139000")));
    expect(waits.toSorted((one, other) => one - other)).toEqual([0, 60, 120, 180, 240, 300, 360, 420]);
    expect(await minute.wait("13900139001")).toBe(0);
  });

  it("one code proves a number for one account alone", async () => {
    test.clock.advance(3600);
    const code = await test.smsCodeFor("13700137000", tokens[0]!);
    const answers = await many((i) =>
      test.as(tokens[i % tokens.length]!)({
        method: "PUT",
        url: "/user/mobile/",
        payload: { mobile: "13700137000", sms_code: code, current_password: "12345678aA" },
      }),
    );
    expect(statuses(answers, 200)).toBe(1);
    const row = await test.app.db.kysely
      .selectFrom("users")
      .select("id")
      .where("proved_mobile", "=", "13700137000")
      .execute();
    expect(row).toHaveLength(1);
  });
});
