import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createSmsCodeOf } from "../../src/codes/code.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";
import { testSecretKey } from "../support/test-secret-key.ts";

const password = "12345678aA";

/** Asking for codes by SMS: what is sent, how often, and what it costs the site at most. */
async function start(env: Record<string, string> = {}) {
  const lines: string[] = [];
  const test = await startTestApp({
    env: { TRUST_PROXY: "1", ...env },
    logTo: { write: (line) => void lines.push(line) },
  });
  const { token } = await test.signUp({ username: "python01", email: "44@qq.com" });
  const ask = (mobile: string, network = "198.51.100.7", by = token) =>
    test.as(by)({
      url: `/verifications/sms_codes/${mobile}/?send_type=changeMobile`,
      headers: { "x-forwarded-for": network },
    });
  return { test, token, ask, lines };
}

const numberOf = (i: number) => `139${String(i).padStart(8, "0")}`;

describe("a code by SMS", () => {
  let site: Awaited<ReturnType<typeof start>>;
  let test: TestApp;
  beforeAll(async () => {
    site = await start();
    test = site.test;
  });
  afterAll(() => test.close());

  it("has six digits, and the whole message with the site's name, in the reader's language", async () => {
    const answer = await site.ask("13800138000");
    expect([answer.statusCode, answer.body]).toEqual([200, '{"message":"OK"}']);
    expect(answer.headers["retry-after"]).toBe("60");
    expect(test.smsBox).toHaveLength(0);
    await test.runJobs();
    const [sms] = test.smsBox;
    expect(sms).toMatchObject({ to: "13800138000", purpose: "changeMobile", minutes: 5 });
    expect(sms!.code).toMatch(/^\d{6}$/);
    expect(sms!.text).toBe(`【美多】${sms!.code} 是您绑定手机号的验证码，5 分钟内有效。请勿告诉任何人。`);
  });

  it.each(["/sms_codes/13800138001/", "/sms_codes/13800138002", "/verifications/sms_codes/13800138003"])(
    "%s answers as well",
    async (path) => {
      const answer = await test.as(site.token)({ url: `${path}?send_type=changeMobile` });
      expect(answer.statusCode).toBe(200);
    },
  );

  it("is only for whoever is logged in, for a number, and for a purpose that there is", async () => {
    const url = "/verifications/sms_codes/13800138009/?send_type=changeMobile";
    expect((await test.anonymous({ url })).statusCode).toBe(401);
    for (const number of ["12800138000", "1380013800", "+8613800138000", "abc"]) {
      const answer = await site.ask(encodeURIComponent(number));
      expect([answer.statusCode, answer.json()]).toMatchObject([400, { mobile: ["请输入合法的手机号。"] }]);
    }
    for (const query of ["", "?send_type=bindAccount", "?send_type=changeEmail"]) {
      const answer = await test.as(site.token)({ url: `/verifications/sms_codes/13800138009/${query}` });
      expect([answer.statusCode, answer.json()]).toEqual([400, { message: "未知的验证码类型" }]);
    }
    const head = await test.as(site.token)({ method: "HEAD", url });
    expect([404, 405]).toContain(head.statusCode);
  });

  it("is sent once a minute to a number, whoever asks, and is the same while it lives", async () => {
    const number = numberOf(1);
    expect((await site.ask(number)).statusCode).toBe(200);
    const other = await test.signUp({ username: "python02", email: "45@qq.com" });
    for (const by of [site.token, other.token]) {
      const again = await site.ask(number, "203.0.113.9", by);
      expect([again.statusCode, again.json()]).toEqual([400, { message: "频繁发送短信" }]);
      expect(Number(again.headers["retry-after"])).toBeGreaterThan(0);
    }
    test.clock.advance(61);
    expect((await site.ask(number, "203.0.113.9", other.token)).statusCode).toBe(200);
    await test.runJobs();
    const codes = test.smsBox.filter(({ to }) => to === number).map(({ code }) => code);
    expect(codes).toHaveLength(2);
    expect(new Set(codes).size).toBe(1);
  });

  it("is neither in the log, nor in what a job carries, nor is the number", async () => {
    const number = numberOf(3);
    await site.ask(number);
    const jobs = await test.app.jobs.list({ limit: 200 });
    await test.runJobs();
    const { code } = test.smsBox.find(({ to }) => to === number)!;
    const written = [...site.lines, ...jobs.map((job) => JSON.stringify(job))].join("\n");
    expect(written).toContain("sms-code");
    expect(written).not.toContain(code);
    expect(written).not.toContain(number);
  });
});

describe("what SMS may cost", () => {
  it("one network asks for so many an hour, and its refusals cost nothing", async () => {
    const { test, ask } = await start({ SMS_REQUEST_LIMIT: "3" });
    const statuses = [];
    for (let i = 0; i < 5; i++) statuses.push((await ask(numberOf(i))).statusCode);
    expect(statuses).toEqual([200, 200, 200, 429, 429]);
    expect((await ask(numberOf(9), "203.0.113.1")).statusCode).toBe(200);
    await test.runJobs();
    expect(test.smsBox).toHaveLength(4);
    await test.close();
  });

  it("one account asks for so many a day, from whatever networks", async () => {
    const { test, token, ask } = await start({ SMS_REQUEST_LIMIT_PER_ACCOUNT: "3" });
    const statuses = [];
    for (let i = 0; i < 5; i++) statuses.push((await ask(numberOf(i), `203.0.113.${i}`)).statusCode);
    expect(statuses).toEqual([200, 200, 200, 429, 429]);
    const other = await test.signUp({ username: "python02", email: "45@qq.com" });
    expect((await ask(numberOf(5), "203.0.113.5", other.token)).statusCode).toBe(200);
    test.clock.advance(86_400);
    const fresh = await test.anonymous({
      method: "POST",
      url: "/authorizations/",
      payload: { username: "python01", password },
    });
    const again = await ask(numberOf(6), "203.0.113.6", fresh.json().token);
    expect([token === fresh.json().token, again.statusCode]).toEqual([false, 200]);
    await test.close();
  });

  it("numbers of virtual operators get none where the site says so", async () => {
    const { test, ask } = await start({ SMS_REFUSE_VIRTUAL: "true" });
    const answer = await ask("17012345678");
    expect([answer.statusCode, Object.keys(answer.json())]).toEqual([400, ["mobile", "message"]]);
    expect((await ask("17212345678")).statusCode).toBe(200);
    await test.close();
  });
});

describe("the digits", () => {
  it("are spread evenly and depend on id, purpose and number", () => {
    const codeOf = createSmsCodeOf([testSecretKey]);
    const firsts = new Map<string, number>();
    for (let i = 0; i < 20_000; i++) {
      const code = codeOf(`id${i}`, "changeMobile", "13800138000");
      expect(code).toMatch(/^\d{6}$/);
      firsts.set(code[0]!, (firsts.get(code[0]!) ?? 0) + 1);
    }
    expect(firsts.size).toBe(10);
    for (const count of firsts.values()) expect(Math.abs(count - 2000)).toBeLessThan(300);
    const one = codeOf("id", "changeMobile", "13800138000");
    expect(codeOf("id", "changeMobile", "13800138001")).not.toBe(one);
    expect(codeOf("id", "resetpwd", "13800138000")).not.toBe(one);
  });
});
