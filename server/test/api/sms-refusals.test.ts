import { afterEach, describe, expect, it } from "vitest";
import { cookieIn } from "../support/devices.ts";
import { startVendor } from "../support/imitated-sms.ts";
import { makePerson, password } from "../support/people.ts";
import { smsVendors } from "../support/sms-vendors.ts";
import { startTestApp } from "../support/test-app.ts";

/** What a vendor's refusal means for whoever asks next, and what it leaves of the counts. */
const numberOf = (i: number) => `139${String(i).padStart(8, "0")}`;
const refused = (outcome: string) => smsVendors.aliyun.refusals.find(([, , one]) => one === outcome)![1];
const numberIsRefused = "短信服务商或运营商拒收发往这个号码的短信。请核对号码，或改用邮箱。";

let closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.toReversed()) await close();
  closing = [];
});

async function open(env: Record<string, string> = {}) {
  const vendor = await startVendor(smsVendors.aliyun);
  const test = await startTestApp({
    env: {
      ...{ TRUST_PROXY: "1", SIGN_UP_BY: "email,mobile", CODE_SIGN_IN: "email,sms" },
      ...{ ...smsVendors.aliyun.env(vendor.host), ...env },
    },
  });
  closing.push(vendor.close, () => test.close());
  const ask = async (
    mobile: string,
    network: string,
    purpose = "register",
    headers: Record<string, string> = {},
  ) => {
    const answer = await test.anonymous({
      url: `/verifications/sms_codes/${mobile}/?send_type=${purpose}`,
      headers: { "x-forwarded-for": network, ...headers },
    });
    await test.runJobs();
    return answer;
  };
  /** An account by number, and the cookie of the device that made it. */
  async function owner(mobile: string, network: string): Promise<{ cookie: string }> {
    await ask(mobile, network);
    const sms_code = /\d{6}/.exec(vendor.sent.at(-1)!.values[0]!)![0];
    const made = await test.anonymous({
      ...{ method: "POST", url: "/users/", headers: { "x-forwarded-for": network } },
      payload: { username: `u${mobile}`, mobile, sms_code, password, password2: password, allow: "true" },
    });
    expect(made.statusCode, made.body).toBe(201);
    test.clock.advance(90_000);
    return { cookie: cookieIn(made.headers["set-cookie"])! };
  }
  return { test, vendor, ask, owner };
}

describe("a vendor that refuses everything", () => {
  it("is told to all but one a minute, who tries; when one goes out again it is over", async () => {
    const { test, vendor, ask } = await open();
    vendor.answer(refused("balance"));
    expect((await ask(numberOf(0), "198.51.100.0")).statusCode).toBe(200);
    for (let i = 1; i < 5; i++) {
      const answer = await ask(numberOf(i), `198.51.100.${i}`);
      expect([answer.statusCode, answer.json()]).toEqual([
        503,
        { message: "短信暂时发不出去，请稍后再试，或改用邮箱。", code: "sms_unavailable" },
      ]);
    }
    test.clock.advance(61);
    const tried = [];
    for (let i = 5; i < 9; i++) tried.push((await ask(numberOf(i), `198.51.100.${i}`)).statusCode);
    expect(tried).toEqual([200, 503, 503, 503]);
    expect(vendor.sent).toHaveLength(2);
    vendor.answer(smsVendors.aliyun.taken);
    test.clock.advance(61);
    for (let i = 9; i < 13; i++) expect((await ask(numberOf(i), `198.51.100.${i}`)).statusCode).toBe(200);
  });

  it("is forgotten five minutes after its last refusal, also where nobody's try went out", async () => {
    const { test, vendor, ask } = await open();
    vendor.answer(refused("key"));
    await ask(numberOf(0), "198.51.100.0");
    test.clock.advance(301);
    vendor.answer(smsVendors.aliyun.taken);
    for (let i = 1; i < 4; i++) {
      // To numbers of nobody, so that nothing goes out and nothing is learned.
      expect((await ask(numberOf(i), `198.51.100.${i}`, "resetpwd")).statusCode).toBe(200);
    }
  });

  it("keeps a try for who can use it: one that is refused here gives it back", async () => {
    const { test, vendor, ask } = await open();
    // The number had its share of the hour.
    for (let i = 0; i < 3; i++) {
      expect((await ask(numberOf(2), `198.51.101.${i}`)).statusCode).toBe(200);
      test.clock.advance(61);
    }
    vendor.answer(refused("signature"));
    await ask(numberOf(1), "198.51.100.1");
    expect((await ask(numberOf(3), "198.51.100.3")).statusCode).toBe(503);
    test.clock.advance(61);
    expect((await ask(numberOf(2), "198.51.100.2")).statusCode).toBe(400);
    expect((await ask(numberOf(3), "198.51.100.3")).statusCode).toBe(200);
  });

  it("of a template or of words is told to its purpose alone", async () => {
    const { vendor, ask } = await open();
    vendor.answer(refused("template"));
    await ask(numberOf(0), "198.51.100.0");
    expect((await ask(numberOf(1), "198.51.100.1")).statusCode).toBe(503);
    expect((await ask(numberOf(1), "198.51.100.1", "signIn")).statusCode).toBe(200);
  });

  it("makes no captcha due: what was not sent did not fail to come back", async () => {
    const { test, vendor, ask } = await open({ SMS_HOURLY_BUDGET: "1000" });
    vendor.answer(refused("balance"));
    for (let i = 0; i < 40; i++) {
      await ask(numberOf(i), `198.51.100.${i}`);
      test.clock.advance(20);
    }
    vendor.answer(smsVendors.aliyun.taken);
    test.clock.advance(1260);
    const next = await ask(numberOf(99), "203.0.113.10", "register", { "x-meiduo-captcha-kinds": "altcha" });
    expect(next.statusCode).toBe(200);
  });
});

describe("a refused SMS", () => {
  it("is given back to network, account, budget and number", async () => {
    const { test, vendor, ask } = await open({
      ...{ SMS_REQUEST_LIMIT: "2", SMS_REQUEST_LIMIT_PER_DAY: "2", SMS_REQUEST_LIMIT_PER_ACCOUNT: "2" },
      ...{ SMS_HOURLY_BUDGET: "8", CAPTCHA_AFTER_SMS: "100" },
    });
    const { token } = await makePerson(test, "python01", { email: "44@qq.com" });
    vendor.answer(refused("too_often"));
    for (let i = 0; i < 10; i++) {
      const answer = await test.as(token)({
        url: `/verifications/sms_codes/${numberOf(i)}/?send_type=changeMobile`,
        headers: { "x-forwarded-for": "2001:db8:1:1::1" },
      });
      expect([i, answer.statusCode]).toEqual([i, 200]);
      await test.runJobs();
    }
    for (let i = 0; i < 4; i++) {
      test.clock.advance(601);
      expect((await ask(numberOf(1), "198.51.100.1")).statusCode).toBe(200);
      const next = await ask(numberOf(1), "198.51.100.2", "signIn");
      expect([next.statusCode, next.json().message]).toEqual([400, "频繁发送短信"]);
    }
  });

  it.each(["number", "too_often"])(
    "for %s tells no number that has an account from one that has none",
    async (outcome) => {
      const { test, vendor, ask, owner } = await open({ SMS_REQUEST_LIMIT: "3" });
      await owner(numberOf(1), "198.51.100.1");
      vendor.answer(refused(outcome));
      const seen = [];
      const waits: number[][] = [];
      for (const [network, mobile] of [
        ["203.0.113.1", numberOf(1)],
        ["203.0.113.2", numberOf(2)],
      ] as const) {
        const answers = [];
        const seconds = [];
        for (let i = 0; i < 6; i++) {
          const { statusCode, body, headers } = await ask(mobile, network, "resetpwd");
          answers.push([statusCode, body]);
          seconds.push(Number(headers["retry-after"]));
          test.clock.advance(61);
        }
        seen.push(answers);
        waits.push(seconds);
      }
      expect(seen[0]).toEqual(seen[1]);
      // Redis' clock runs on while a test does.
      for (const [i, wait] of waits[0]!.entries()) expect(Math.abs(wait - waits[1]![i]!)).toBeLessThan(5);
    },
  );

  it("for its share of an hour keeps strangers waiting, and no device that the owner logged in with", async () => {
    const { vendor, ask, owner, test } = await open();
    const headers = await owner(numberOf(1), "198.51.100.1");
    vendor.answer(refused("too_often"));
    await ask(numberOf(1), "203.0.113.1");
    const stranger = await ask(numberOf(1), "203.0.113.2", "signIn");
    expect([stranger.statusCode, stranger.json().message]).toEqual([400, "频繁发送短信"]);
    vendor.answer(smsVendors.aliyun.taken);
    vendor.sent.length = 0;
    expect((await ask(numberOf(1), "198.51.100.1", "signIn", headers)).statusCode).toBe(200);
    expect(vendor.sent).toHaveLength(1);
    // Its own share: told for ten minutes to it as well.
    vendor.answer(refused("too_often"));
    test.clock.advance(61);
    expect((await ask(numberOf(1), "198.51.100.1", "signIn", headers)).statusCode).toBe(200);
    test.clock.advance(61);
    expect((await ask(numberOf(1), "198.51.100.1", "signIn", headers)).statusCode).toBe(400);
    test.clock.advance(600);
    expect((await ask(numberOf(1), "198.51.100.1", "signIn", headers)).statusCode).toBe(200);
  });
});

it("is told of its number before a captcha is asked for, which would be answered for nothing", async () => {
  const { vendor, ask } = await open({ SMS_REQUEST_LIMIT: "10", CAPTCHA_AFTER_SMS: "1" });
  const able = { "x-meiduo-captcha-kinds": "altcha" };
  expect((await ask(numberOf(2), "203.0.113.1")).statusCode).toBe(200);
  vendor.answer(refused("number"));
  await ask(numberOf(1), "198.51.100.1");
  const answers = [];
  for (const i of [1, 3]) answers.push(await ask(numberOf(i), "203.0.113.1", "register", able));
  expect(answers.map(({ statusCode }) => statusCode)).toEqual([400, 403]);
  expect(answers.map((one) => one.json().code ?? one.json().message)).toEqual([
    numberIsRefused,
    "captcha_required",
  ]);
});

describe("an SMS that the vendor took and the carrier did not deliver, by a later report", () => {
  const token = "a-token-of-the-operator";
  async function opened() {
    const site = await open({ SMS_EVENTS_TOKEN: token });
    let ids = 0;
    /** Each SMS with an id of its own, as the vendor gives them. */
    const ask: typeof site.ask = (...asked) => {
      site.vendor.answer([200, JSON.stringify({ Code: "OK", Message: "OK", BizId: `9006197${++ids}^0` })]);
      return site.ask(...asked);
    };
    /** Of the last SMS to the number. */
    async function report(mobile: string): Promise<void> {
      const { provider_id: biz_id } = await site.test.app.db.kysely
        .selectFrom("mails")
        .select("provider_id")
        .where("to_address", "=", mobile)
        .orderBy("id", "desc")
        .executeTakeFirstOrThrow();
      const answer = await site.test.anonymous({
        ...{ method: "POST", url: `/sms/events/${token}/` },
        payload: [{ success: false, biz_id, err_code: "MOBILE_NOT_ON_SERVICE", err_msg: "空号" }],
      });
      expect(answer.statusCode).toBe(200);
    }
    return { ...site, ask, report };
  }

  it("is told for ten minutes to who asks for that number's next one", async () => {
    const { test, ask, report } = await opened();
    for (const i of [1, 2]) expect((await ask(numberOf(i), `198.51.100.${i}`)).statusCode).toBe(200);
    await report(numberOf(1));
    test.clock.advance(61);
    const told = await ask(numberOf(1), "198.51.100.1");
    expect([told.statusCode, told.json().message]).toEqual([400, numberIsRefused]);
    expect((await ask(numberOf(2), "198.51.100.2")).statusCode).toBe(200);
    test.clock.advance(600);
    expect((await ask(numberOf(1), "198.51.100.1")).statusCode).toBe(200);
  });

  it("is no news where it comes later than anybody waits", async () => {
    const { test, ask, report } = await opened();
    await ask(numberOf(1), "198.51.100.1");
    test.clock.advance(3600);
    await report(numberOf(1));
    expect((await ask(numberOf(1), "198.51.100.1")).statusCode).toBe(200);
  });

  it("tells no stranger that a number has an account, and its owner's device what happened", async () => {
    const { test, vendor, ask, owner, report } = await opened();
    // By the imitation's own id.
    const headers = await owner(numberOf(1), "198.51.100.1");
    vendor.sent.length = 0;
    await ask(numberOf(1), "198.51.100.1", "resetpwd", headers);
    expect(vendor.sent).toHaveLength(1);
    await report(numberOf(1));
    test.clock.advance(61);
    expect((await ask(numberOf(1), "203.0.113.1", "resetpwd")).statusCode).toBe(200);
    test.clock.advance(61);
    const told = await ask(numberOf(1), "198.51.100.1", "resetpwd", headers);
    expect([told.statusCode, told.json().message]).toEqual([400, numberIsRefused]);
  });
});

it("/metrics counts as sent what the vendor took, and nothing else", async () => {
  const { test, vendor, ask } = await open({ METRICS_PORT: "9464" });
  for (let i = 0; i < 5; i++) await ask(numberOf(i), `198.51.100.${i}`, "resetpwd");
  vendor.answer(refused("number"));
  await ask(numberOf(6), "198.51.100.6");
  vendor.answer(smsVendors.aliyun.taken);
  await ask(numberOf(7), "198.51.100.7");
  const text = (await test.app.metrics?.registry.metrics()) ?? "";
  expect(text.split("\n").filter((line) => line.startsWith("meiduo_sms_codes_total"))).toEqual([
    'meiduo_sms_codes_total{country="CN",purpose="register",stage="sent"} 1',
  ]);
});
