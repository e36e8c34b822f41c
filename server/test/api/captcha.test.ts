import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { solvedCaptcha } from "../support/solved-captcha.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";

/** When an SMS takes a captcha, who is asked for it, and what it is good for. */
const numberOf = (i: number) => `139${String(i).padStart(8, "0")}`;
const able = { "x-meiduo-captcha-kinds": "altcha, turnstile" };

describe("a captcha for SMS", () => {
  let test: TestApp;
  beforeEach(async () => {
    test = await startTestApp({
      env: {
        ...{ TRUST_PROXY: "1", CODE_SIGN_IN: "sms", SIGN_UP_BY: "email,mobile" },
        ...{ SMS_REQUEST_LIMIT: "10", CAPTCHA_AFTER_SMS: "2" },
      },
    });
  });
  afterEach(() => test.close());

  const ask = (mobile: string, headers: Record<string, string> = {}, purpose = "register") =>
    test.anonymous({
      url: `/verifications/sms_codes/${mobile}/?send_type=${purpose}`,
      headers: { "x-forwarded-for": "198.51.100.7", ...headers },
    });

  it("is asked for from the third message of a network on, and answered in the call that is sent again", async () => {
    for (const i of [1, 2]) expect((await ask(numberOf(i), able)).statusCode).toBe(200);
    const asked = await ask(numberOf(3), able);
    expect(asked.statusCode).toBe(403);
    const { message, code, captcha } = asked.json();
    expect([message, code, captcha.kind]).toEqual(["请先完成人机验证再试。", "captcha_required", "altcha"]);
    const token = await solvedCaptcha(captcha.challenge);
    const answered = { ...able, "x-meiduo-captcha": token };
    // For another number or purpose it is none.
    expect((await ask(numberOf(4), answered)).statusCode).toBe(403);
    expect((await ask(numberOf(3), answered, "signIn")).statusCode).toBe(403);
    expect((await ask(numberOf(3), answered)).statusCode).toBe(200);
    // Once.
    test.clock.advance(61);
    expect((await ask(numberOf(3), answered)).statusCode).toBe(403);
    await test.runJobs();
    expect(test.smsBox.map(({ to }) => to)).toEqual([1, 2, 3].map(numberOf));
  });

  it("is asked of no client that doesn't say that it can answer: it waits, longer each time", async () => {
    for (const i of [1, 2]) await ask(numberOf(i));
    const outcomes = [];
    for (let i = 3; i < 6; i++) {
      const sent = await ask(numberOf(i));
      const waits = await ask(numberOf(i + 10));
      outcomes.push([sent.statusCode, waits.statusCode, waits.json().captcha, waits.headers["retry-after"]]);
      test.clock.advance(Number(waits.headers["retry-after"]));
    }
    expect(outcomes).toEqual([60, 120, 240].map((seconds) => [200, 429, undefined, String(seconds)]));
  });

  it("other networks are asked for nothing, nor is a device that the number's account knows", async () => {
    await ask(numberOf(1));
    await test.runJobs();
    const password = "12345678aA";
    const made = await test.anonymous({
      method: "POST",
      url: "/users/",
      payload: {
        ...{ username: "python01", mobile: numberOf(1), password, password2: password, allow: "true" },
        sms_code: test.smsBox.at(-1)!.code,
      },
    });
    const cookie = String(made.headers["set-cookie"]).split(";")[0]!;
    expect((await ask(numberOf(2))).statusCode).toBe(200);
    test.clock.advance(61);
    expect((await ask(numberOf(3), able)).statusCode).toBe(403);
    expect((await ask(numberOf(3), { "x-forwarded-for": "203.0.113.1" })).statusCode).toBe(200);
    expect((await ask(numberOf(1), { cookie, ...able }, "signIn")).statusCode).toBe(200);
  });

  it("is asked of everybody when a quarter of the budget is used up", async () => {
    await test.close();
    test = await startTestApp({
      env: { TRUST_PROXY: "1", SIGN_UP_BY: "mobile", SMS_HOURLY_BUDGET: "10", CAPTCHA_AFTER_SMS: "1000" },
    });
    const outcomes = [];
    for (let i = 0; i < 6; i++) {
      const answer = await ask(numberOf(i), { ...able, "x-forwarded-for": `203.0.113.${i}` });
      outcomes.push(answer.statusCode);
    }
    expect(outcomes).toEqual([200, 200, 403, 403, 403, 403]);
  });

  it("of an IPv6 /48 ten times as many go out as of a /64, and one past its limit fills nothing of its neighbours'", async () => {
    await test.close();
    test = await startTestApp({
      env: {
        ...{ TRUST_PROXY: "1", SIGN_UP_BY: "mobile", SMS_REQUEST_LIMIT: "1", WIDER_NETWORK_FACTOR: "3" },
        CAPTCHA_AFTER_SMS: "1000",
      },
    });
    const from = async (i: number, network: string) =>
      (await ask(numberOf(i), { "x-forwarded-for": network })).statusCode;
    expect(await from(0, "2001:db8:1:1::1")).toBe(200);
    for (let i = 1; i < 4; i++) expect(await from(i, "2001:db8:1:1::2")).toBe(429);
    expect(await from(4, "2001:db8:1:2::1")).toBe(200);
    expect(await from(5, "2001:db8:1:3::1")).toBe(200);
    expect(await from(6, "2001:db8:1:4::1")).toBe(429);
    expect(await from(7, "2001:db8:2:4::1")).toBe(200);
  });
});

describe("a request that sends nothing", () => {
  const env = { TRUST_PROXY: "1", SIGN_UP_BY: "mobile", CAPTCHA_AFTER_SMS: "1", SMS_REQUEST_LIMIT: "50" };
  const start = async () => {
    const test = await startTestApp({ env });
    const ask = (i: number, network: string, headers: Record<string, string> = {}) =>
      test.anonymous({
        url: `/verifications/sms_codes/${numberOf(i)}/?send_type=register`,
        headers: { "x-forwarded-for": network, ...headers },
      });
    return { test, ask };
  };

  it("leaves the one try of a client that can't answer, and its network's count", async () => {
    const { test, ask } = await start();
    const network = "198.51.100.5";
    expect((await ask(1, network)).statusCode).toBe(200);
    // The number's minute: 20 clicks, of which none is sent.
    for (let i = 0; i < 20; i++) expect((await ask(1, network)).statusCode).toBe(400);
    expect((await ask(2, network)).statusCode).toBe(200);
    expect((await ask(3, network)).statusCode).toBe(429);
    await test.close();
  });

  it("leaves the answer, which is good once more for the same number, for ten minutes", async () => {
    const { test, ask } = await start();
    const network = "198.51.100.6";
    await ask(6, network);
    await ask(5, "203.0.113.1");
    const asked = async () => (await ask(9, network, able)).json().captcha;
    expect(await asked()).toMatchObject({ kind: "altcha" });
    const solved = async (i: number) => {
      const { captcha } = (await ask(i, network, able)).json();
      return { ...able, "x-meiduo-captcha": await solvedCaptcha(captcha.challenge) };
    };
    // The question is asked of a number whose minute is not over: so the answer comes too early.
    const shown = await solved(5);
    for (let i = 0; i < 2; i++) expect((await ask(5, network, shown)).statusCode).toBe(400);
    test.clock.advance(61);
    expect((await ask(7, network, shown)).statusCode).toBe(403);
    expect((await ask(5, network, shown)).statusCode).toBe(200);
    test.clock.advance(61);
    expect((await ask(5, network, shown)).statusCode).toBe(403);
    await test.close();
  });

  it("leaves an answer for no longer than ten minutes, however often it is shown", async () => {
    const { test, ask } = await start();
    const network = "198.51.100.7";
    await ask(6, network);
    // The number has had its share of the hour.
    for (let i = 0; i < 3; i++) {
      expect((await ask(5, `203.0.113.${i}`)).statusCode).toBe(200);
      test.clock.advance(61);
    }
    const { captcha } = (await ask(5, network, able)).json();
    const shown = { ...able, "x-meiduo-captcha": await solvedCaptcha(captcha.challenge) };
    const statuses = [];
    for (let minute = 0; minute < 12; minute++) {
      statuses.push((await ask(5, network, shown)).statusCode);
      test.clock.advance(60);
    }
    expect(statuses).toEqual([...Array(10).fill(400), 403, 403]);
    await test.close();
  });
});

it("too few codes that come back make it everybody's, and the log warns", async () => {
  const lines: string[] = [];
  const test = await startTestApp({
    env: { TRUST_PROXY: "1", SIGN_UP_BY: "mobile", SMS_HOURLY_BUDGET: "1000" },
    logTo: { write: (line) => void lines.push(line) },
  });
  const ask = (i: number) =>
    test.anonymous({
      url: `/verifications/sms_codes/${numberOf(i)}/?send_type=register`,
      headers: { ...able, "x-forwarded-for": `203.0.${Math.floor(i / 200)}.${i % 200}` },
    });
  for (let i = 0; i < 40; i++) expect((await ask(i)).statusCode).toBe(200);
  await test.runJobs();
  test.clock.advance(1260);
  expect((await ask(50)).json()).toMatchObject({ code: "captcha_required" });
  expect(lines.join("")).toContain('"alarm":"sms_conversion"');
  // An hour later they say nothing any more.
  test.clock.advance(3600);
  expect((await ask(51)).statusCode).toBe(200);
  await test.close();
});

it("one right code that is tried again and again is one that came back, and none where it is not used", async () => {
  const env = { TRUST_PROXY: "1", SIGN_UP_BY: "mobile", SMS_HOURLY_BUDGET: "1000" };
  const test = await startTestApp({ env });
  const post = (url: string, payload: object) => test.anonymous({ method: "POST", url, payload });
  const [mobile, password] = [numberOf(900), "four quiet lanterns"];
  const code = async (purpose: string) => {
    test.clock.advance(61);
    return test.smsCodeFor(mobile, undefined, purpose);
  };
  const secrets = { password, password2: password };
  const own = { username: "pumper001", mobile, sms_code: await code("register"), allow: "true", ...secrets };
  expect((await post("/users/", own)).statusCode).toBe(201);
  const reset = {
    mobile,
    sms_code: await code("resetpwd"),
    password: "xpumper001x",
    password2: "xpumper001x",
  };
  for (let i = 0; i < 30; i++) {
    expect((await post("/users/password/", reset)).json()).toHaveProperty("password");
    const asked = await test.anonymous({
      url: `/verifications/sms_codes/${numberOf(i)}/?send_type=register`,
      headers: { ...able, "x-forwarded-for": `203.0.113.${i}` },
    });
    expect(asked.statusCode).toBe(200);
  }
  await test.runJobs();
  test.clock.advance(1260);
  const next = await test.anonymous({
    url: `/verifications/sms_codes/${numberOf(50)}/?send_type=register`,
    headers: able,
  });
  expect(next.json()).toMatchObject({ code: "captcha_required" });
  await test.close();
});

it("what never goes out counts for nothing: numbers of nobody, to reset a password", async () => {
  const env = { TRUST_PROXY: "1", SIGN_UP_BY: "mobile", SMS_HOURLY_BUDGET: "20" };
  const test = await startTestApp({ env });
  const ask = (i: number, purpose: string) =>
    test.anonymous({
      url: `/verifications/sms_codes/${numberOf(i)}/?send_type=${purpose}`,
      headers: { ...able, "x-forwarded-for": `203.0.${Math.floor(i / 200)}.${i % 200}` },
    });
  for (let i = 0; i < 40; i++) {
    expect((await ask(i, "resetpwd")).statusCode).toBe(200);
    await test.runJobs();
  }
  expect(test.smsBox).toEqual([]);
  test.clock.advance(1260);
  expect((await ask(50, "register")).statusCode).toBe(200);
  await test.close();
});
