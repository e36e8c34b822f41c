import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { triesPerCode } from "../../src/codes/address-steps.ts";
import {
  type Client,
  type CodeAskers,
  expiredCode,
  startCodeAskers,
  wrongCode,
} from "../support/code-askers.ts";
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

describe(`${callers} callers of different networks about one address at once`, () => {
  let askers: CodeAskers;
  beforeAll(async () => {
    askers = await startCodeAskers();
  });
  afterAll(() => askers.test.close());

  const many = <T>(call: (i: number) => Promise<T>, count = callers) =>
    Promise.all(Array.from({ length: count }, (_, i) => call(i)));
  const network = (i: number) => `203.0.113.${i}`;

  it("asking: as many mails as strangers may cause, and one code in all of them", async () => {
    const types = ["register", "bindAccount"];
    const answers = await many((i) => askers.at(network(i)).ask("a@qq.com", types[i % 2]));
    const sent = answers.filter(({ statusCode }) => statusCode === 200);
    expect(sent).toHaveLength(3);
    for (const answer of answers) if (answer.statusCode !== 200) expect(answer.statusCode).toBe(400);
    const codes = await askers.codesTo("a@qq.com");
    expect(codes).toHaveLength(3);
    expect(new Set(codes).size).toBeLessThanOrEqual(types.length);
    const again = await many((i) => askers.at(network(100 + i)).ask("a2@qq.com"));
    expect(again.filter(({ statusCode }) => statusCode === 200)).toHaveLength(3);
    expect(new Set(await askers.codesTo("a2@qq.com")).size).toBe(1);
  });

  it("asking, with the owner's devices among them: the budget holds, and the devices have their part", async () => {
    const email = "owner@qq.com";
    await askers.test.signUp({ username: "owner", email });
    const devices: Client[] = [];
    for (const i of [1, 2, 3, 4, 5, 6]) devices.push(await askers.at(`198.51.100.${i}`).logIn("owner"));
    askers.test.clock.advance(86_400);
    const clients = Array.from({ length: callers }, (_, i) => devices[i - 30] ?? askers.at(network(i)));
    const answers = await Promise.all(clients.map((client) => client.ask(email, "resetpwd")));
    const isSent = answers.map(({ statusCode }) => statusCode === 200);
    const sentBy = (isDevice: boolean) =>
      isSent.filter((sent, i) => sent && devices.includes(clients[i]!) === isDevice).length;
    expect(sentBy(false)).toBeLessThanOrEqual(3);
    expect(sentBy(true)).toBeGreaterThanOrEqual(2);
    expect(sentBy(false) + sentBy(true)).toBe(5);
  });

  it("guessing: five of each that asked, five of all others, and no more", async () => {
    const email = "b@qq.com";
    for (const i of [1, 2]) await askers.at(network(i)).ask(email);
    const [code] = await askers.codesTo(email);
    const judged = async (from: (i: number) => string) => {
      const texts = await many((i) => askers.at(from(i)).type(email, "222222"), 20);
      for (const text of texts) expect([wrongCode, expiredCode]).toContain(text);
      return texts.filter((text) => text === wrongCode).length;
    };
    expect(
      await Promise.all([judged(() => network(1)), judged(() => network(2)), judged((i) => network(50 + i))]),
    ).toEqual([triesPerCode, triesPerCode, triesPerCode]);
    expect(await askers.at(network(90)).type(email, code!)).toBe(expiredCode);
  });

  it("asking and guessing on and on: a code lives for no further guesses", async () => {
    const email = "c@qq.com";
    let judged = 0;
    await many(async (i) => {
      const client = askers.at(network(i));
      await client.ask(email);
      for (let n = 0; n < 8; n++) {
        const text = await client.type(email, "222222");
        if (text === wrongCode) judged += 1;
      }
    });
    expect(judged).toBeLessThanOrEqual(3 * triesPerCode + triesPerCode);
    expect(judged).toBeGreaterThanOrEqual(triesPerCode);
  });
});
