import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makePerson } from "../support/people.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";
import { startThirdPartyTest, type ThirdPartyTest } from "../support/third-party.ts";

const password = "12345678aA";

const signUpForm = (over: Record<string, unknown>) => ({
  method: "POST" as const,
  url: "/users/",
  payload: { password, password2: password, allow: "true", email_code: "ABCDEF", ...over },
});

const accounts = (test: TestApp) =>
  test.app.db.kysely.selectFrom("users").select(["username", "email"]).orderBy("id").execute();

describe("with SIGN_UP=closed", () => {
  const closed = { non_field_errors: ["本站未开放注册。"], message: "本站未开放注册。" };
  let test: TestApp;
  beforeAll(async () => {
    test = await startTestApp({ env: { SIGN_UP: "closed" } });
  });
  afterAll(() => test.close());

  it("nobody signs up, whatever else is wrong, in a form that the tutorial's pages show", async () => {
    for (const form of [{ username: "python01", email: "44@qq.com" }, {}]) {
      const answer = await test.anonymous(signUpForm(form));
      expect([answer.statusCode, answer.json()]).toEqual([400, closed]);
    }
    const english = await test.anonymous({ ...signUpForm({}), headers: { "accept-language": "en" } });
    expect(english.json().message).toBe("This site is not open for sign-up.");
    expect(await accounts(test)).toEqual([]);
  });

  it("no register code is mailed, but codes for accounts that are there are", async () => {
    const ask = (purpose: string) =>
      test.anonymous({ url: `/verifications/email_codes/44@qq.com/?send_type=${purpose}` });
    expect((await ask("register")).json()).toEqual(closed);
    expect((await ask("resetpwd")).statusCode).toBe(200);
  });

  it.each(["zh", "en", "zh-TW", "ja"])(
    "the mail that there is no account invites nobody to make one (%s)",
    async (language) => {
      const email = `nobody.${language}@example.com`;
      const url = `/verifications/email_codes/${email}/?send_type=resetpwd`;
      await test.anonymous({ url, headers: { "accept-language": language } });
      await test.runJobs();
      const { subject, text, html } = test.mailbox.find(({ to }) => to === email)!;
      expect(subject).toMatch(/美多商城|Meiduo/);
      expect(text + html).toContain("/forgot-password");
      expect(text + html).not.toMatch(
        /register|注册新账号|去注册|註冊新帳號|create an account|Sign up|新規登録/,
      );
    },
  );

  it("is told to the site", () => {
    expect(test.app.signUp).toMatchObject({ mode: "closed" });
  });
});

describe("a first log-in by a third party, with SIGN_UP=closed", () => {
  let third: ThirdPartyTest;
  beforeAll(async () => {
    third = await startThirdPartyTest({ env: { SIGN_UP: "closed", SIGN_UP_REFUSED_DOMAINS: "bad.example" } });
  });
  afterAll(() => third.close());

  async function post(end: "user" | "account", payload: Record<string, unknown>) {
    const { bind_token } = await third.logIn("qq", "penguin");
    const answer = await third.test.anonymous({
      method: "POST",
      url: `/oauth/qq/${end}/`,
      payload: { bind_token, ...payload },
    });
    return { answer, bind_token };
  }

  it("makes no account, by name or by address, and uses neither code nor ticket up", async () => {
    const byName = await post("account", { username: "penguin01" });
    expect([byName.answer.statusCode, byName.answer.json().message]).toEqual([400, "本站未开放注册。"]);
    const email_code = await third.test.codeFor("new@example.com", "bindAccount");
    const form = { email: "new@example.com", email_code, password };
    for (let tries = 0; tries < 6; tries++) {
      const { answer } = await post("user", form);
      expect([answer.statusCode, answer.json().message]).toEqual([400, "本站未开放注册。"]);
    }
    expect(await accounts(third.test)).toEqual([]);
  });

  it("is bound to an account that is there, whatever its domain", async () => {
    await makePerson(third.test, "python01", { email: "old@bad.example" });
    const email_code = await third.test.codeFor("old@bad.example", "bindAccount");
    const { answer } = await post("user", { email: "old@bad.example", email_code, password });
    expect([answer.statusCode, answer.json().username]).toEqual([200, "python01"]);
  });
});

describe("with lists of domains", () => {
  let test: TestApp;
  beforeAll(async () => {
    test = await startTestApp({
      env: {
        SIGN_UP_DOMAINS: "例子.中国,example.com",
        SIGN_UP_REFUSED_DOMAINS: "bad.example.com",
        SIGN_UP_REFUSE_THROWAWAY: "true",
      },
    });
  });
  afterAll(() => test.close());

  const refused = "本站不接受这个域名的邮箱，请换一个。";

  it("takes an address of theirs in either writing", async () => {
    await test.signUp({ username: "python01", email: "a@example.com" });
    await test.signUp({ username: "python02", email: "b@xn--fsqu00a.xn--fiqs8s" });
    await test.signUp({ username: "python03", email: "c@例子.中国" });
  });

  it("refuses others, beside the form's other problems, and mails them no code", async () => {
    const answer = await test.anonymous(signUpForm({ username: "py", email: "a@other.example" }));
    expect(answer.statusCode).toBe(400);
    expect(answer.json()).toMatchObject({ username: [expect.any(String)], email: [refused] });
    const ask = await test.anonymous({ url: "/verifications/email_codes/a@other.example/" });
    expect([ask.statusCode, ask.json()]).toEqual([400, { email: [refused], message: refused }]);
  });

  it("refuses them at a change of address as well, but lets the present one be confirmed", async () => {
    const { token, id } = await test.signUp({ username: "python04", email: "d@example.com" });
    const change = (email: string, email_code: string) =>
      test.as(token)({
        method: "PUT",
        url: "/user/email/",
        payload: { email, email_code, current_password: password },
      });
    expect((await change("d@other.example", "ABCDEF")).json()).toEqual({
      email: [refused],
      message: refused,
    });
    await test.app.db.kysely
      .updateTable("users")
      .set({ email: "d@old.example" })
      .where("id", "=", id)
      .execute();
    const code = await test.codeFor("d@old.example", "changeEmail", token);
    expect((await change("d@old.example", code)).statusCode).toBe(200);
  });
});

describe("with SIGN_UP_REFUSE_THROWAWAY alone", () => {
  it("refuses a throw-away mailbox", async () => {
    const test = await startTestApp({ env: { SIGN_UP_REFUSE_THROWAWAY: "true" } });
    try {
      const answer = await test.anonymous(signUpForm({ username: "python01", email: "a@mailinator.com" }));
      expect(answer.json().email).toEqual(["本站不接受一次性邮箱，请使用长期使用的邮箱。"]);
      await test.signUp({ username: "python01", email: "a@example.com" });
    } finally {
      await test.close();
    }
  });
});
