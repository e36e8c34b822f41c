import { afterEach, describe, expect, it } from "vitest";
import { type Classic, startClassic } from "../support/classic.ts";
import { solvedCaptcha } from "../support/solved-captcha.ts";

/**
 * What counts as a captcha before a code by SMS on a site of the classic contract: the picture where it was looked at, and
 * the site's own captcha in its place. Where neither was, the risk is looked at as everywhere.
 */
const able = { "x-meiduo-captcha-kinds": "altcha" };
/** Somewhere else than where the accounts of the test were made. */
const from = { "x-forwarded-for": "203.0.113.20" };
const limits = { SMS_REQUEST_LIMIT: "10", CAPTCHA_AFTER_SMS: "1" };

let site: Classic;
afterEach(() => site.test.close());

const ask = (url: string, headers: Record<string, string> = {}) =>
  site.test.anonymous({ url, headers: { ...from, ...headers } });

describe("with a picture before every code", () => {
  it("the site's pages answer a captcha in its place, each for one code, purpose and number", async () => {
    site = await startClassic();
    const mobile = site.number();
    const asked = await ask(`/sms_codes/${mobile}/`, able);
    expect([asked.statusCode, asked.json().code]).toEqual([403, "captcha_required"]);
    const answered = { ...able, "x-meiduo-captcha": await solvedCaptcha(asked.json().captcha.challenge) };
    expect((await ask(`/sms_codes/${site.number()}/`, answered)).statusCode).toBe(403);
    expect((await ask(`/sms_codes/${mobile}/?send_type=resetpwd`, answered)).statusCode).toBe(403);
    expect((await ask(`/sms_codes/${mobile}/`, answered)).statusCode).toBe(200);
    expect(await site.lastSms(mobile)).toMatch(/^\d{6}$/);
    site.test.clock.advance(61);
    expect((await ask(`/sms_codes/${mobile}/`, answered)).statusCode).toBe(403);
  });

  it("who says nothing of a captcha, or names another one, is asked for the picture and counts as no wait", async () => {
    site = await startClassic();
    for (let i = 0; i < 3; i++) {
      const answer = await ask(`/sms_codes/${site.number()}/`, { "x-meiduo-captcha-kinds": "turnstile" });
      expect([answer.statusCode, answer.json().message]).toEqual([400, "无效的图片验证码"]);
    }
    // A picture that was sent is looked at, whatever else could be answered.
    const query = (await site.picture()).replace(/text=\w+/, "text=WWWW");
    const wrong = await ask(`/sms_codes/${site.number()}/?${query}`, able);
    expect(wrong.json().message).toBe("图片验证码错误");
  });

  it("where CAPTCHA_URL is none, the picture alone counts", async () => {
    site = await startClassic({ env: { CAPTCHA_URL: "none" } });
    const answer = await ask(`/sms_codes/${site.number()}/`, able);
    expect([answer.statusCode, answer.json().message]).toEqual([400, "无效的图片验证码"]);
  });

  it("a solved picture is the captcha of the code to sign up, and of the code to find a password", async () => {
    site = await startClassic({ env: limits });
    const { username, mobile } = await site.person();
    for (let i = 0; i < 3; i++) {
      const sent = await ask(`/sms_codes/${site.number()}/?${await site.picture()}`);
      expect(sent.statusCode).toBe(200);
    }
    const begun = await ask(`/accounts/${username}/sms/token/?${await site.picture()}`);
    const ticket = begun.json().access_token;
    // With the sign-up's as many as strangers may have sent to one number.
    for (let i = 0; i < 2; i++) {
      site.test.clock.advance(61);
      const sent = await ask(`/sms_codes/?access_token=${ticket}`);
      expect([sent.statusCode, sent.json()]).toEqual([200, { message: "OK" }]);
    }
    expect(await site.lastSms(mobile)).toMatch(/^\d{6}$/);
  });
});

describe("where no picture was looked at", () => {
  it("one log-in pumps to no numbers: past the limit its network answers a captcha, or waits", async () => {
    site = await startClassic({ env: limits });
    const { token } = await site.person();
    const change = (headers: Record<string, string> = {}) =>
      site.test.as(token)({
        url: `/sms_codes/${site.number()}/?send_type=changeMobile`,
        headers: { ...from, ...headers },
      });
    expect((await change()).statusCode).toBe(200);
    const able403 = await change(able);
    expect([able403.statusCode, able403.json().code]).toEqual([403, "captcha_required"]);
    // One try, and one after each wait.
    const others = [];
    for (let i = 0; i < 4; i++) others.push((await change()).statusCode);
    expect(others).toEqual([200, 429, 429, 429]);
  });

  it("SMS_CAPTCHA=optional looks at the risk of who sends none", async () => {
    site = await startClassic({ env: { ...limits, SMS_CAPTCHA: "optional" } });
    const outcomes = [];
    for (let i = 0; i < 4; i++) outcomes.push((await ask(`/sms_codes/${site.number()}/`)).statusCode);
    expect(outcomes).toEqual([200, 200, 429, 429]);
    expect((await ask(`/sms_codes/${site.number()}/`, able)).json().code).toBe("captcha_required");
    expect((await ask(`/sms_codes/${site.number()}/?${await site.picture()}`)).statusCode).toBe(200);
  });
});
