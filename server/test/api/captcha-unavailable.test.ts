import { afterEach, describe, expect, it } from "vitest";
import { captchaVendors } from "../support/captcha-vendors.ts";
import { imitatedService, type ServiceReply } from "../support/imitated-service.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";

/** A captcha whose vendor is away keeps SMS back and leaves log-in by e-mail open; and whom no captcha is ever asked of. */
type VendorName = keyof typeof captchaVendors;
const email = (i: number) => `reader${i}@example.com`;
const mobile = (i: number) => `139${String(i).padStart(8, "0")}`;

let closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.toReversed()) await close();
  closing = [];
});

async function open(name: VendorName, reply: ServiceReply) {
  const service = await imitatedService(() => reply);
  const lines: string[] = [];
  const test = await startTestApp({
    env: {
      ...{ TRUST_PROXY: "1", CODE_SIGN_IN: "email,sms", SIGN_UP_BY: "email,mobile" },
      ...{ CODE_REQUEST_LIMIT: "100", SMS_REQUEST_LIMIT: "100", SMS_REQUEST_LIMIT_PER_DAY: "100" },
      ...{ CAPTCHA_AFTER_EMAILS: "1", CAPTCHA_AFTER_SMS: "1" },
      CAPTCHA_URL: captchaVendors[name].url(service.host),
    },
    logTo: { write: (line) => void lines.push(line) },
  });
  closing.push(service.close, () => test.close());
  const able = { "x-forwarded-for": "198.51.100.7", "x-meiduo-captcha-kinds": name };
  const ask = (path: string, purpose: string, headers: Record<string, string> = {}) =>
    test.anonymous({
      url: `/verifications/${path}/?send_type=${purpose}`,
      headers: { ...able, ...headers },
    });
  /** Asks, answers what it is asked, and asks again. */
  const answer = async (path: string, purpose = "signIn") => {
    const asked = await ask(path, purpose);
    expect([path, asked.statusCode, asked.json().code]).toEqual([path, 403, "captcha_required"]);
    const { token } = captchaVendors[name];
    const { handle } = asked.json().captcha;
    return ask(path, purpose, { "x-meiduo-captcha": token, "x-meiduo-captcha-handle": handle });
  };
  return { test, ask, answer, lines };
}

describe.each(Object.keys(captchaVendors) as VendorName[])("a captcha by %s", (name) => {
  it.each<[string, ServiceReply]>([
    ["is down", [500, "{}"]],
    ["breaks off", "broken"],
    ["says nothing that it should", [200, "<html>"]],
  ])("whose vendor %s: log-in by e-mail goes on, and waits; an SMS does not", async (_what, reply) => {
    const { test, ask, answer, lines } = await open(name, reply);
    expect((await ask(`email_codes/${email(1)}`, "signIn")).statusCode).toBe(200);
    expect((await answer(`email_codes/${email(2)}`)).statusCode).toBe(200);
    const waits = await answer(`email_codes/${email(3)}`);
    expect([waits.statusCode, waits.headers["retry-after"]]).toEqual([429, "60"]);

    expect((await ask(`sms_codes/${mobile(1)}`, "signIn")).statusCode).toBe(200);
    const kept = await answer(`sms_codes/${mobile(2)}`);
    expect([kept.statusCode, kept.json().code ?? kept.json().message]).toEqual([
      503,
      expect.stringMatching(/captcha_unavailable|人机验证/),
    ]);
    expect(kept.headers["retry-after"]).toBe("30");
    expect(lines.join("")).toContain('"alarm":"captcha_unavailable"');
    await test.runJobs();
    expect(test.smsBox.map(({ to }) => to)).toEqual([mobile(1)]);
  });

  it("is asked for by no e-mail of the contract's purposes", async () => {
    const { ask } = await open(name, [500, "{}"]);
    for (const [i, purpose] of ["signIn", "register", "resetpwd", "bindAccount", "register"].entries())
      expect([purpose, (await ask(`email_codes/${email(i)}`, purpose)).statusCode]).toEqual([purpose, 200]);
  });
});

describe("a risk that strangers cause", () => {
  const owner = mobile(77);

  /** Somebody whose number is proved at a device that is known, in a site of that many SMS an hour. */
  async function withOwner(env: Readonly<Record<string, string>>) {
    const test = await startTestApp({
      env: {
        ...{ TRUST_PROXY: "1", CODE_SIGN_IN: "email,sms", SIGN_UP_BY: "email,mobile", ...env },
      },
    });
    closing.push(() => test.close());
    const ask = (i: string, headers: Record<string, string>, purpose = "signIn") =>
      test.anonymous({ url: `/verifications/sms_codes/${i}/?send_type=${purpose}`, headers });
    await ask(owner, { "x-forwarded-for": "203.0.113.200" }, "register");
    await test.runJobs();
    const password = "12345678aA";
    const made = await test.anonymous({
      method: "POST",
      url: "/users/",
      payload: {
        ...{ username: "python01", mobile: owner, password, password2: password, allow: "true" },
        sms_code: codeOf(test),
      },
    });
    expect(made.statusCode).toBe(201);
    const cookie = String(made.headers["set-cookie"]).split(";")[0]!;
    test.clock.advance(61);
    return { test, ask, cookie };
  }
  const codeOf = (test: TestApp) => test.smsBox.at(-1)!.code;
  const kinds = { "x-meiduo-captcha-kinds": "altcha" };
  const from = (i: number) => ({ "x-forwarded-for": `203.0.${Math.floor(i / 200)}.${i % 200}`, ...kinds });

  it("the site's budget: every stranger is asked, a known device never", async () => {
    const { ask, cookie } = await withOwner({ SMS_HOURLY_BUDGET: "10", CAPTCHA_AFTER_SMS: "1000" });
    const strangers = [];
    for (let i = 0; i < 6; i++) strangers.push((await ask(mobile(i), from(i))).statusCode);
    expect(strangers.slice(-2)).toEqual([403, 403]);
    expect((await ask(owner, { ...from(1), cookie })).statusCode).toBe(200);
    // The same number at a device that nobody knows is a stranger's.
    expect((await ask(owner, from(2))).statusCode).toBe(403);
  });

  it("codes that don't come back: likewise", async () => {
    const { test, ask, cookie } = await withOwner({ SMS_HOURLY_BUDGET: "1000" });
    for (let i = 0; i < 40; i++) expect((await ask(mobile(i), from(i))).statusCode).toBe(200);
    await test.runJobs();
    test.clock.advance(1260);
    expect((await ask(mobile(50), from(50))).statusCode).toBe(403);
    expect((await ask(owner, { ...from(51), cookie })).statusCode).toBe(200);
  });

  it("its own network's requests: likewise", async () => {
    const { ask, cookie } = await withOwner({ SMS_REQUEST_LIMIT: "100", CAPTCHA_AFTER_SMS: "2" });
    for (const i of [1, 2]) await ask(mobile(i), from(9));
    expect((await ask(mobile(3), from(9))).statusCode).toBe(403);
    expect((await ask(owner, { ...from(9), cookie })).statusCode).toBe(200);
  });
});
