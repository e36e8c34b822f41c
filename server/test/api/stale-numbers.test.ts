import { afterAll, beforeAll, expect, it } from "vitest";
import { cookieIn } from "../support/devices.ts";
import { switchOnSecondFactor } from "../support/second-factor.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";

/** Numbers that carriers gave to somebody else: what a code to one opens, after NUMBER_STALE_DAYS, and for whom. */
const password = "12345678aA";
const secrets = { password, password2: password };
const day = 86_400_000;
let test: TestApp;
let people = 0;
beforeAll(async () => {
  test = await startTestApp({
    env: {
      ...{ CODE_SIGN_IN: "sms", SIGN_UP_BY: "email,mobile", USERNAME: "optional", NUMBER_STALE_DAYS: "90" },
      ...{ SMS_HOURLY_BUDGET: "10000", SMS_DAILY_BUDGET: "10000" },
    },
  });
});
afterAll(() => test.close());

const post = (url: string, payload: object, cookie?: string) =>
  test.anonymous({
    ...{ method: "POST", url, payload },
    headers: cookie === undefined ? {} : { cookie },
  });
const logIn = (payload: object, cookie?: string) => post("/users/codes/sign-in/", payload, cookie);
const signUp = (payload: object) => post("/users/", { ...secrets, allow: "true", ...payload });
const typed = { password: "another-8Bb", password2: "another-8Bb" };
const reset = (payload: object, cookie?: string) =>
  post("/users/password/", { ...typed, ...payload }, cookie);
const code = (mobile: string, sendType = "signIn", token?: string) => {
  test.clock.advance(61);
  return test.smsCodeFor(mobile, token, sendType);
};
const row = async (id: number) => (await test.app.users.byId(id))!;
const stale = { statusCode: 403, code: "number_stale", new_account: true };
const told = (answer: { statusCode: number; json(): object }) => ({
  ...{ statusCode: answer.statusCode, ...answer.json() },
});

/** As if nobody had proved the number or logged in since. */
async function unusedFor(id: number, days: number) {
  const at = test.clock.now() - days * day;
  const set = { mobile_proved_at: at, last_login_at: at };
  await test.app.db.kysely.updateTable("users").set(set).where("id", "=", id).execute();
}

/** Somebody who proved the number and was here so many days ago. */
async function owner(days = 90) {
  const mobile = `137${String(++people).padStart(8, "0")}`;
  const username = `owner${1000 + people}`;
  const made = await signUp({ username, mobile, sms_code: await code(mobile, "register") });
  expect(made.statusCode, made.body).toBe(201);
  const { id, token } = made.json() as { id: number; token: string };
  await unusedFor(id, days);
  return { id, token, mobile, username, cookie: cookieIn(made.headers["set-cookie"]) };
}

async function withAddress({ id, username }: { id: number; username: string }) {
  const email = `${username}@qq.com`;
  const set = { email, email_verified: 1 as const };
  await test.app.db.kysely.updateTable("users").set(set).where("id", "=", id).execute();
  await test.app.db.kysely.insertInto("login_names").values({ name_key: email, user_id: id }).execute();
  return email;
}

it("a code alone logs in until the day it is stale, and each that came back begins anew", async () => {
  const { id, mobile } = await owner(89);
  expect((await logIn({ mobile, sms_code: await code(mobile) })).statusCode).toBe(200);
  expect((await row(id)).mobile_proved_at).toBe(test.clock.now());
});

it("a log-in by the password is no proof of the number: whoever gave it up goes on by that", async () => {
  const { id, mobile, username } = await owner();
  expect((await post("/users/authorizations/", { username, password })).json().user_id).toBe(id);
  const answer = await reset({ mobile, sms_code: await code(mobile, "resetpwd") });
  expect(told(answer)).toMatchObject(stale);
});

it("of a stale number it opens nothing, tells nothing of the account, and stays good", async () => {
  const { id, mobile } = await owner();
  const bare = await owner();
  await withAddress({ id, username: `seen${id}` });
  const before = await row(id);
  const sms_code = await code(mobile);
  const answer = await logIn({ mobile, sms_code });
  expect(told(answer)).toMatchObject(stale);
  expect(answer.headers["set-cookie"]).toBeUndefined();
  expect((await logIn({ mobile: bare.mobile, sms_code: await code(bare.mobile) })).body).toBe(answer.body);
  // Asked more often than a code may be tried.
  for (let time = 0; time < 6; time++) expect(told(await logIn({ mobile, sms_code }))).toMatchObject(stale);
  expect(await row(id)).toEqual(before);
  expect((await logIn({ mobile, sms_code, current_password: password })).statusCode).toBe(200);
});

it("no number that is nobody's is stale", async () => {
  const mobile = "13799999999";
  const answer = await logIn({ mobile, sms_code: await code(mobile) });
  expect(told(answer)).toMatchObject({ statusCode: 403, code: "sign_up_needed" });
});

it("a browser that shows the account's cookie needs nothing more; network and browser are no mark", async () => {
  const { id, mobile, cookie } = await owner();
  const sms_code = await code(mobile);
  expect(told(await logIn({ mobile, sms_code }))).toMatchObject(stale);
  const others = await owner();
  expect(told(await logIn({ mobile, sms_code }, others.cookie))).toMatchObject(stale);
  expect((await logIn({ mobile, sms_code }, cookie)).statusCode).toBe(200);
  expect((await row(id)).mobile_proved_at).toBe(test.clock.now());
});

it("the password is one more proof, and a wrong one none", async () => {
  const { id, mobile } = await owner();
  const sms_code = await code(mobile);
  const wrong = await logIn({ mobile, sms_code, current_password: "wrong-8Bb" });
  expect([wrong.statusCode, Object.keys(wrong.json())]).toEqual([400, ["current_password", "message"]]);
  expect((await logIn({ mobile, sms_code, current_password: password })).json().user_id).toBe(id);
  expect((await row(id)).mobile_proved_at).toBe(test.clock.now());
});

it("so is a code to its confirmed address, used up with it, and none to another's", async () => {
  const person = await owner();
  const { id, mobile } = person;
  const email = await withAddress(person);
  const other = await test.signUp({ username: "thief01", email: "thief01@qq.com" });
  expect(other.id).not.toBe(id);
  const sms_code = await code(mobile);
  const theirs = { email: "thief01@qq.com", email_code: await test.codeFor("thief01@qq.com", "signIn") };
  const refused = await logIn({ mobile, sms_code, ...theirs });
  expect([refused.statusCode, Object.keys(refused.json())]).toEqual([400, ["non_field_errors", "message"]]);
  const email_code = await test.codeFor(email, "signIn");
  expect((await logIn({ mobile, sms_code, email, email_code })).json().user_id).toBe(id);
  await unusedFor(id, 90);
  const again = await logIn({ mobile, sms_code: await code(mobile), email, email_code });
  expect(again.statusCode).toBe(400);
});

it("behind a second factor the log-in asks for that, and only then is anything opened; the number stays stale", async () => {
  const person = await owner();
  const { id, mobile, username } = person;
  const app = await switchOnSecondFactor(test, username);
  await unusedFor(id, 90);
  const asked = await logIn({ mobile, sms_code: await code(mobile) });
  expect(told(asked)).toMatchObject({ statusCode: 403, code: "second_factor_required" });
  expect((await row(id)).mobile_proved_at).toBeLessThan(test.clock.now() - 89 * day);
  const sms_code = await code(mobile, "resetpwd");
  expect(told(await reset({ mobile, sms_code }))).toMatchObject(stale);
  const wrong = await reset({ mobile, sms_code, factor_code: "000000" });
  expect(wrong.statusCode).toBe(400);
  expect((await reset({ mobile, sms_code, factor_code: app.next() })).statusCode).toBe(200);
});

it("a password is not reset by it alone: by one more proof, or in the account's browser", async () => {
  const person = await owner();
  const { id, mobile, token, cookie } = person;
  const sms_code = await code(mobile, "resetpwd");
  const before = await row(id);
  expect(told(await reset({ mobile, sms_code }))).toMatchObject(stale);
  expect(await row(id)).toEqual(before);
  expect((await test.as(token)({ url: "/user/" })).statusCode).toBe(200);
  expect((await reset({ mobile, sms_code }, cookie)).statusCode).toBe(200);
  const second = await owner();
  const email = await withAddress(second);
  const both = {
    ...{ mobile: second.mobile, sms_code: await code(second.mobile, "resetpwd") },
    ...{ email, email_code: await test.codeFor(email, "resetpwd") },
  };
  expect((await reset(both)).statusCode).toBe(200);
  expect((await row(second.id)).mobile_proved_at).toBe(test.clock.now());
});

it.each(["register", "signIn"] as const)(
  "who has it now may make an account of their own (%s)",
  async (way) => {
    const person = await owner();
    const { id, token, mobile, username } = person;
    const email = await withAddress(person);
    const sms_code = await code(mobile, way);
    const form = { mobile, sms_code, allow: "true" };
    const make = (more: object) =>
      way === "register" ? signUp({ ...form, ...more }) : logIn({ ...form, ...more });
    const refused = await make({});
    expect(told(refused)).toMatchObject(stale);
    expect(refused.body).not.toContain(username);
    const made = await make({ new_account: true });
    expect(made.statusCode, made.body).toBe(201);
    expect(made.json().user_id).not.toBe(id);
    const seen = async (token: string) => (await test.as(token)({ url: "/user/" })).json();
    expect(await seen(made.json().token)).toMatchObject({ mobile, mobile_verified: true, email: null });
    // The account that lost it goes on, by everything else.
    expect(await seen(token)).toMatchObject({ username, email, mobile: null });
    expect((await post("/users/authorizations/", { username, password })).statusCode).toBe(200);
    expect((await post("/users/authorizations/", { username: mobile, password: "wrong" })).statusCode).toBe(
      400,
    );
    await test.runJobs();
    const mail = test.mailbox.filter(({ to }) => to === email).at(-1)!;
    expect(mail.subject).toContain("手机号已移除");
    expect(mail.text).not.toContain(mobile);
  },
);

it("a number that is not stale is nobody's to take, whatever they ask for", async () => {
  const { id, mobile } = await owner(1);
  const sms_code = await code(mobile, "register");
  const answer = await signUp({ mobile, sms_code, new_account: true });
  expect([answer.statusCode, Object.keys(answer.json())]).toEqual([400, ["mobile", "message"]]);
  const logged = await logIn({ mobile, sms_code: await code(mobile), allow: "true", new_account: true });
  expect([logged.statusCode, logged.json().user_id]).toEqual([200, id]);
});

it("an account that is there gets a stale number by proving it, and not one that was proved meanwhile", async () => {
  const [old, fresh] = [await owner(), await owner(1)];
  const { token, mobile: own } = await owner(1);
  const bind = async (mobile: string) => {
    test.clock.advance(61);
    const sms_code = await test.smsCodeFor(mobile, token);
    const old_sms_code = await code(own, "changeMobile", token);
    const payload = { mobile, sms_code, old_sms_code, current_password: password };
    return test.as(token)({ method: "PUT", url: "/user/mobile/", payload });
  };
  expect((await bind(fresh.mobile)).statusCode).toBe(400);
  expect((await bind(old.mobile)).json()).toMatchObject({ mobile: old.mobile, mobile_verified: true });
  expect((await row(old.id)).mobile).toBeNull();
});

it("a number that was put back after a thief is as stale as the account is old", async () => {
  const { id, mobile } = await owner(1);
  const set = { mobile_proved_at: null, last_login_at: null, joined_at: test.clock.now() - 91 * day };
  await test.app.db.kysely.updateTable("users").set(set).where("id", "=", id).execute();
  expect(told(await logIn({ mobile, sms_code: await code(mobile) }))).toMatchObject(stale);
});
