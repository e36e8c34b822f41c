import { afterEach, expect, it } from "vitest";
import { cookieIn } from "../support/devices.ts";
import { password } from "../support/people.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";

/** Whose the SMS are, of a number's sums and of the site's budget: strangers', those who ask for proved numbers, the owner's. */
const numberOf = (i: number) => `139${String(i).padStart(8, "0")}`;
const spent = "本站的短信暂时发完了，请稍后再试，或改用邮箱。";
const tooFrequent = "频繁发送短信";

let test: TestApp;
afterEach(() => test.close());
const lines: string[] = [];
async function start(env: Record<string, string> = {}) {
  lines.length = 0;
  test = await startTestApp({
    env: { TRUST_PROXY: "1", SIGN_UP_BY: "email,mobile", CODE_SIGN_IN: "email,sms", ...env },
    logTo: { write: (line) => void lines.push(line) },
  });
}

const ask = (mobile: string, network: string, purpose = "resetpwd", cookie?: string) =>
  test.anonymous({
    url: `/verifications/sms_codes/${mobile}/?send_type=${purpose}`,
    headers: { "x-forwarded-for": network, ...(cookie && { cookie }) },
  });
const codeTo = async (mobile: string) => {
  await test.runJobs();
  return test.smsBox.findLast(({ to }) => to === mobile)!.code;
};
/** An account by number, and its device's cookie. */
async function owner(mobile: string, network: string): Promise<string> {
  expect((await ask(mobile, network, "register")).statusCode).toBe(200);
  const made = await test.anonymous({
    ...{ method: "POST", url: "/users/", headers: { "x-forwarded-for": network } },
    payload: {
      ...{ username: `u${mobile}`, mobile, sms_code: await codeTo(mobile), allow: "true" },
      ...{ password, password2: password },
    },
  });
  expect(made.statusCode, made.body).toBe(201);
  return cookieIn(made.headers["set-cookie"])!;
}

it("a number is sent five in an hour and ten in a day; strangers get three and six, the owner's device the rest", async () => {
  await start();
  const mobile = numberOf(1);
  const cookie = await owner(mobile, "198.51.100.1");
  test.clock.advance(90_000);
  let network = 0;
  async function asked(count: number, by?: string) {
    const statuses = [];
    for (let i = 0; i < count; i++) {
      const answer = await ask(mobile, by ? "198.51.100.1" : `203.0.113.${network++}`, "resetpwd", by);
      statuses.push(answer.statusCode);
      if (answer.statusCode !== 200) expect(answer.json()).toEqual({ message: tooFrequent });
      await test.runJobs();
      test.clock.advance(61);
    }
    return statuses;
  }
  const begin = test.clock.now();
  expect(await asked(5)).toEqual([200, 200, 200, 400, 400]);
  expect(await asked(4, cookie)).toEqual([200, 200, 400, 400]);
  // An hour, and the five minutes of a code: the first of them may have arrived so late.
  test.clock.advance(3900);
  expect(await asked(2)).toEqual([200, 400]);
  expect(await asked(5, cookie)).toEqual([200, 200, 200, 200, 400]);
  test.clock.advance(3900);
  // The day's ten are gone, for the owner as well.
  for (const by of [undefined, cookie]) {
    const answer = await ask(mobile, "198.51.100.1", "resetpwd", by);
    expect([answer.statusCode, answer.json()]).toEqual([400, { message: tooFrequent }]);
    expect(Number(answer.headers["retry-after"])).toBeGreaterThan(70_000);
  }
  expect(test.smsBox.filter(({ to }) => to === mobile)).toHaveLength(11);
  // A day after the first, one of the ten is free again, and it is the device's.
  test.clock.advance((begin - test.clock.now()) / 1000 + 86_400 + 301);
  expect([await asked(1), await asked(1, cookie)]).toEqual([[400], [200]]);
});

it("half of the budget goes to numbers of nobody, to nine tenths to proved ones, and the rest to their owners", async () => {
  await start({ SMS_HOURLY_BUDGET: "10", CAPTCHA_AFTER_SMS: "1000" });
  const cookie = await owner(numberOf(1), "198.51.100.1");
  for (let i = 2; i < 6; i++) await owner(numberOf(i), `198.51.100.${i}`);
  test.clock.advance(7200);
  const asked = [];
  for (let i = 50; i < 57; i++) asked.push(await ask(numberOf(i), `203.0.113.${i}`, "register"));
  expect(asked.map(({ statusCode }) => statusCode)).toEqual([...Array(5).fill(200), 429, 429]);
  expect(asked.at(-1)!.json()).toEqual({ message: spent });
  expect(Number(asked.at(-1)!.headers["retry-after"])).toBeGreaterThan(3000);
  const alarms = () => lines.filter((line) => line.includes('"alarm":"sms_budget"')).length;
  expect(alarms()).toBe(1);

  // Each proved number has one of the reserve, until its code comes back.
  expect((await ask(numberOf(2), "203.0.114.1")).statusCode).toBe(200);
  test.clock.advance(61);
  const again = await ask(numberOf(2), "203.0.114.2");
  expect([again.statusCode, again.json()]).toEqual([429, { message: spent }]);
  const signIn = { mobile: numberOf(3) };
  expect((await ask(numberOf(3), "203.0.114.3", "signIn")).statusCode).toBe(200);
  const sms_code = await codeTo(numberOf(3));
  const opened = await test.anonymous({
    ...{ method: "POST", url: "/users/codes/sign-in/", headers: { "x-forwarded-for": "203.0.114.3" } },
    payload: { ...signIn, sms_code },
  });
  expect(opened.statusCode, opened.body).toBe(200);
  expect((await ask(numberOf(3), "203.0.114.4")).statusCode).toBe(200);
  expect((await ask(numberOf(4), "203.0.114.5")).statusCode).toBe(200);

  // Nine of ten are gone: strangers get none, whatever the number, and the owner's device does.
  for (const i of [1, 5]) expect((await ask(numberOf(i), `203.0.115.${i}`)).statusCode).toBe(429);
  expect((await ask(numberOf(1), "198.51.100.1", "resetpwd", cookie)).statusCode).toBe(200);
  const last = await ask(numberOf(1), "198.51.100.1", "signIn", cookie);
  expect([last.statusCode, last.json()]).toEqual([429, { message: spent }]);
  expect(alarms()).toBe(1);

  // Whoever was refused may ask again at once when the hour is over: nothing of the request is left.
  test.clock.advance(3600);
  expect((await ask(numberOf(56), "203.0.113.56", "register")).statusCode).toBe(200);
  expect((await ask(numberOf(5), "203.0.115.5")).statusCode).toBe(200);
});
