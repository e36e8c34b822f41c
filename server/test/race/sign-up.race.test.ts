import type { LightMyRequestResponse } from "fastify";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestApp, type TestApp } from "../support/test-app.ts";

const callers = 50;

describe(`${callers} sign-ups at once`, () => {
  let test: TestApp;
  beforeAll(async () => {
    test = await startTestApp();
  });
  afterAll(() => test.close());

  const signUp = (username: string, email: string, email_code: string) =>
    test.anonymous({
      method: "POST",
      url: "/users/",
      payload: {
        ...{ username, email, email_code, allow: "true" },
        ...{ password: "12345678aA", password2: "12345678aA" },
      },
    });
  const codesFor = async (emails: string[]) => {
    const codes: string[] = [];
    for (const email of emails) codes.push(await test.codeFor(email));
    return codes;
  };
  const numbers = Array.from({ length: callers }, (_, i) => i);

  /** Exactly one 201; everyone else a 400 whose body is one of those allowed. */
  function judge(answers: LightMyRequestResponse[], allowed: object[]) {
    const won = answers.filter(({ statusCode }) => statusCode === 201);
    expect(won).toHaveLength(1);
    for (const answer of answers) {
      if (answer.statusCode === 201) continue;
      expect(answer.statusCode, answer.body).toBe(400);
      expect(allowed).toContainEqual(answer.json());
    }
    return won[0]!.json() as { id: number; username: string; email: string; token: string };
  }

  const nameTaken = {
    username: ["已存在一位使用该名字的用户。"],
    message: "已存在一位使用该名字的用户。",
  };
  const addressTaken = { email: ["该邮箱已被注册。"], message: "该邮箱已被注册。" };
  const bothTaken = { ...addressTaken, ...nameTaken };
  const codeUsed = { non_field_errors: ["邮箱验证码过期"], message: "邮箱验证码过期" };

  const accounts = () => test.app.db.kysely.selectFrom("users").select(["id", "username", "email"]).execute();
  const names = () => test.app.db.kysely.selectFrom("login_names").selectAll().execute();

  it("of one name, in several spellings: one account, and the losers' codes still work", async () => {
    const emails = numbers.map((i) => `n${i}@qq.com`);
    const codes = await codesFor(emails);
    const spellings = ["python01", "PYTHON01", "Python01", "ｐython01"];
    const answers = await Promise.all(numbers.map((i) => signUp(spellings[i % 4]!, emails[i]!, codes[i]!)));
    const winner = judge(answers, [nameTaken]);
    expect(await accounts()).toHaveLength(1);
    expect((await test.as(winner.token)({ url: "/user/" })).statusCode).toBe(200);
    const loser = answers.findIndex(({ statusCode }) => statusCode !== 201);
    expect((await signUp("another1", emails[loser]!, codes[loser]!)).statusCode).toBe(201);
  });

  it("of one address with one code, under many names: one account", async () => {
    const before = (await accounts()).length;
    const [code] = await codesFor(["one@qq.com"]);
    const answers = await Promise.all(numbers.map((i) => signUp(`person${i}`, "one@qq.com", code!)));
    const winner = judge(answers, [addressTaken, codeUsed]);
    const now = await accounts();
    expect(now).toHaveLength(before + 1);
    expect(now.filter(({ email }) => email === "one@qq.com").map(({ id }) => id)).toEqual([winner.id]);
  });

  it("of the same form sent again and again: one account", async () => {
    const before = (await accounts()).length;
    const [code] = await codesFor(["two@qq.com"]);
    const answers = await Promise.all(numbers.map(() => signUp("doubled1", "two@qq.com", code!)));
    judge(answers, [bothTaken, nameTaken, addressTaken, codeUsed]);
    expect(await accounts()).toHaveLength(before + 1);
  });

  it("leave every account with exactly its own names", async () => {
    const expected = (await accounts()).flatMap(({ id, username, email }) => [
      { name_key: username.toLowerCase(), user_id: id },
      { name_key: email!, user_id: id },
    ]);
    const found = await names();
    expect(found).toHaveLength(expected.length);
    expect(found).toEqual(expect.arrayContaining(expected));
  });
});
