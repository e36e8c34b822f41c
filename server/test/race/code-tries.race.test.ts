import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { triesPerCode } from "../../src/verifications/verification.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";

const callers = 50;

describe(`${callers} callers about one code at once`, () => {
  let test: TestApp;
  beforeAll(async () => {
    test = await startTestApp();
    await test.signUp({ username: "python01", email: "44@qq.com" });
    test.clock.advance(60);
  });
  afterAll(() => test.close());

  const many = <T>(call: (i: number) => Promise<T>) =>
    Promise.all(Array.from({ length: callers }, (_, i) => call(i)));
  const signUp = (email: string, email_code: string, i: number) =>
    test.anonymous({
      method: "POST",
      url: "/users/",
      payload: {
        ...{ username: `person${i}`, email, email_code, allow: "true" },
        ...{ password: "12345678aA", password2: "12345678aA" },
      },
    });

  it("asking for it: one mail, one OK, and the others are told when to come back", async () => {
    const types = ["register", "resetpwd", "bindAccount"];
    const answers = await many((i) =>
      test.anonymous({ url: `/verifications/email_codes/A@qq.com/?send_type=${types[i % 3]}` }),
    );
    await test.runJobs();
    expect(test.mailbox.filter(({ to }) => /^a@qq\.com$/i.test(to))).toHaveLength(1);
    expect(answers.filter(({ statusCode }) => statusCode === 200)).toHaveLength(1);
    for (const answer of answers) {
      if (answer.statusCode === 200) continue;
      expect(answer.statusCode).toBe(400);
      expect(answer.json()).toEqual({ message: "发送邮件过于频繁" });
      expect(Number(answer.headers["retry-after"])).toBeGreaterThan(0);
    }
  });

  it("guessing it: no more guesses are judged than there are tries", async () => {
    const code = await test.codeFor("b@qq.com");
    const answers = await many((i) => signUp("b@qq.com", `2222${String(i).padStart(2, "2")}`, i));
    const texts = answers.map((answer) => {
      expect(answer.statusCode, answer.body).toBe(400);
      return (answer.json() as { message: string }).message;
    });
    expect(texts.filter((text) => text === "邮箱验证码错误")).toHaveLength(triesPerCode);
    expect(texts.filter((text) => text === "邮箱验证码过期")).toHaveLength(callers - triesPerCode);
    expect((await signUp("b@qq.com", code, 0)).json()).toMatchObject({ message: "邮箱验证码过期" });
  });

  it("resetting the password with it: one wins, and the account has the winner's password", async () => {
    const email_code = await test.codeFor("44@qq.com", "resetpwd");
    const passwordOf = (i: number) => `password-of-${i}`;
    const answers = await many((i) =>
      test.anonymous({
        method: "POST",
        url: "/users/password/",
        payload: { email: "44@qq.com", email_code, password: passwordOf(i), password2: passwordOf(i) },
      }),
    );
    const winners = answers.flatMap(({ statusCode }, i) => (statusCode === 200 ? [i] : []));
    expect(winners).toHaveLength(1);
    for (const [i, answer] of answers.entries()) {
      if (winners.includes(i)) continue;
      expect(answer.statusCode, answer.body).toBe(400);
      expect(answer.json()).toEqual({ non_field_errors: ["邮箱验证码过期"], message: "邮箱验证码过期" });
    }
    const logIn = (password: string) =>
      test.anonymous({
        method: "POST",
        url: "/users/authorizations/",
        payload: { username: "python01", password },
      });
    expect((await logIn(passwordOf(winners[0]!))).statusCode).toBe(200);
    expect((await logIn(passwordOf((winners[0]! + 1) % callers))).statusCode).toBe(400);
    expect((await logIn("12345678aA")).statusCode).toBe(400);
    await test.runJobs();
    expect(test.mailbox.filter(({ subject }) => subject.includes("密码已修改"))).toHaveLength(1);
  });
});
