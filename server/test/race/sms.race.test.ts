import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createCodeKeys } from "../../src/codes/code-keys.ts";
import {
  type BudgetAsker,
  createSmsBudget,
  strangersPartOf,
  unprovedPartOf,
} from "../../src/codes/sms-budget.ts";
import { createSmsSums } from "../../src/codes/sms-sums.ts";
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

  it("one account gets its share of numbers, from whichever networks it asks", async () => {
    const site = await startTestApp({
      env: { ...{ TRUST_PROXY: "1", SMS_REQUEST_LIMIT: "1000" }, SMS_REQUEST_LIMIT_PER_ACCOUNT: "3" },
    });
    const { token } = await site.signUp({ username: "racer09", email: "r9@qq.com" });
    const answers = await many((i) =>
      site.as(token)({
        url: `/verifications/sms_codes/1390001${String(i).padStart(4, "0")}/?send_type=changeMobile`,
        headers: { "x-forwarded-for": `203.0.113.${i}` },
      }),
    );
    expect([statuses(answers, 200), statuses(answers, 429)]).toEqual([3, callers - 3]);
    await site.runJobs();
    expect(site.smsBox).toHaveLength(3);
    await site.close();
  });

  it("the budget is never passed, and what is refused leaves nothing of it", async () => {
    const { kv } = test.app;
    const limits = { kv, smsPerHour: 20, smsPerDay: 2000 };
    const log = { warn() {} } as never;
    await kv.delete("{everybody}:limit:sms-budget-hour");
    await kv.delete("{everybody}:limit:sms-budget-day");
    const budget = createSmsBudget({ ...limits, log });
    const reading = { verb: "get", key: "{everybody}:limit:sms-budget-hour" } as const;
    const counted = async (asker: Partial<BudgetAsker>) => {
      const whole = { isTrusted: false, isProved: false, isPassed: true, ...asker };
      const all = await Promise.allSettled(
        Array.from({ length: callers }, () => budget.count(whole, reading)),
      );
      return all.filter(({ status }) => status === "fulfilled").length;
    };
    // What goes without a captcha, what goes to unproved numbers, what strangers get, and all of it.
    const parts = [5, unprovedPartOf(20), strangersPartOf(20), 20];
    expect(parts).toEqual([5, 10, 18, 20]);
    expect(await counted({ isPassed: false })).toBe(5);
    expect(await counted({})).toBe(5);
    expect(await counted({ isProved: true })).toBe(8);
    expect(await counted({ isTrusted: true })).toBe(2);
    expect(await kv.get("{everybody}:limit:sms-budget-day")).toBe("20");
    await many(() => budget.giveBack());
    expect(await kv.get("{everybody}:limit:sms-budget-hour")).toBeNull();
    expect(await counted({ isTrusted: true })).toBe(20);
    await many(() => budget.giveBack());
  });

  it("without a captcha so many are sent as go without one, of a network, of the site, and of mails", async () => {
    const env = {
      ...{ TRUST_PROXY: "1", SIGN_UP_BY: "email,mobile", CODE_SIGN_IN: "email,sms" },
      ...{ SMS_REQUEST_LIMIT: "10", CODE_REQUEST_LIMIT: "100", CAPTCHA_AFTER_SMS: "3" },
      ...{ CAPTCHA_AFTER_EMAILS: "4", SMS_HOURLY_BUDGET: "32" },
    };
    const site = await startTestApp({ env });
    const get = (path: string, network: string) =>
      site.anonymous({
        url: `/verifications/${path}/?send_type=signIn`,
        headers: { "x-forwarded-for": network, "x-meiduo-captcha-kinds": "altcha" },
      });
    const number = (i: number) => `1390000${String(i).padStart(4, "0")}`;
    const sent = async (call: (i: number) => ReturnType<typeof get>) => {
      const answers = await many(call);
      return [statuses(answers, 200), statuses(answers, 403)];
    };
    expect(await sent((i) => get(`sms_codes/${number(i)}`, "198.51.100.9"))).toEqual([3, callers - 3]);
    // A quarter of 32, of which three are gone.
    expect(await sent((i) => get(`sms_codes/${number(100 + i)}`, `203.0.113.${i}`))).toEqual([
      5,
      callers - 5,
    ]);
    expect(await sent((i) => get(`email_codes/r${i}@qq.com`, "198.51.100.9"))).toEqual([4, callers - 4]);
    await site.runJobs();
    expect([site.smsBox.length, site.mailbox.length]).toEqual([8, 4]);
    await site.close();
  });

  it("no two messages to a number are planned for the same minute, and none past its sums", async () => {
    const { kv } = test.app;
    const sums = createSmsSums({
      ...{ kv, clock: test.clock, secretKey: test.config.secretKey!, log: { warn() {} } as never },
      ...{ smsCodesPerHour: 8, smsCodesPerDay: 10, smsCodeLifeSeconds: 300 },
    });
    const mobile = "13900139000";
    const keys = createCodeKeys(test.config.secretKey!)(mobile, "signIn");
    async function plan(): Promise<number> {
      for (;;) {
        const [seen] = await kv.batch([sums.reading(keys)]);
        const { at, delaySeconds, operations } = sums.plan(keys, seen!.value, { isTrusted: true });
        const outcomes = await kv.batch(operations);
        if (outcomes.some(({ refused }) => refused)) continue;
        times.push(at);
        return delaySeconds;
      }
    }
    const times: number[] = [];
    const all = await Promise.allSettled(Array.from({ length: 12 }, plan));
    const waits = all.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
    expect(waits.toSorted((one, other) => one - other)).toEqual([0, 60, 120, 180, 240, 300, 360, 420]);
    // Given back at once, by all: nothing of them is left, and nothing else goes.
    await Promise.all([...times.slice(1), 1, 2].map((at) => sums.giveBack(mobile, at)));
    expect(await kv.batch([sums.reading(keys)])).toMatchObject([{ value: String(times[0]) }]);
    await sums.giveBack(mobile, times[0]!);
    expect(await kv.batch([sums.reading(keys)])).toMatchObject([{ value: null }]);
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
