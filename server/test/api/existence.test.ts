import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestApp, type TestApp } from "../support/test-app.ts";

describe("asking whether a name or an address is taken", () => {
  let test: TestApp;
  beforeAll(async () => {
    test = await startTestApp();
    await test.signUp({ username: "全民python", email: "44@qq.com" });
  });
  afterAll(() => test.close());

  const ask = (kind: "usernames" | "emails", value: string) =>
    test.anonymous({ url: `/users/${kind}/${encodeURIComponent(value)}/count/` });

  it.each([
    ["usernames", "全民python", 1],
    ["usernames", "全民PYTHON", 1],
    ["usernames", "全民ｐｙｔｈｏｎ", 1],
    ["usernames", "全民pytho", 0],
    ["usernames", "first.last", 0],
    ["emails", "44@qq.com", 1],
    ["emails", "44@QQ.COM", 1],
    ["emails", "45@qq.com", 0],
    ["emails", "o'neil+news@mail.example.co.uk", 0],
    ["emails", "中文@qq.com", 0],
  ] as const)("%s %s: %i", async (kind, value, count) => {
    const answer = await ask(kind, value);
    expect(answer.statusCode, answer.body).toBe(200);
    const name = kind === "usernames" ? "username" : "email";
    expect(answer.body).toBe(JSON.stringify({ [name]: value, count }));
  });

  it("an address is not free as a user name, nor the other way round", async () => {
    expect((await ask("usernames", "44@qq.com")).json()).toHaveProperty("username.0");
    expect((await ask("emails", "全民python")).json()).toHaveProperty("email.0");
  });

  it.each([
    ["usernames", "abcd"],
    ["usernames", "a".repeat(21)],
    ["usernames", "user name"],
    ["usernames", "user\u0000name"],
    ["usernames", "\u3164\u3164\u3164\u3164\u3164"],
    ["usernames", "user\u200bname"],
    ["usernames", "a/b/c/d"],
    ["emails", "44"],
    ["emails", "@qq.com"],
    ["emails", "44@"],
    ["emails", "44@qq..com"],
    ["emails", "44@-qq.com"],
    ["emails", "4 4@qq.com"],
    ["emails", `${"a".repeat(65)}@qq.com`],
    ["emails", `a@${"b".repeat(250)}.com`],
    ["emails", "44@qq.com\r\nBcc: x@y.z"],
  ] as const)("%s %j: 400 on the field alone", async (kind, value) => {
    const answer = await ask(kind, value);
    expect(answer.statusCode, answer.body).toBe(400);
    const name = kind === "usernames" ? "username" : "email";
    expect(Object.keys(answer.json())).toEqual([name, "message"]);
    expect(answer.json()[name][0]).toBe(answer.json().message);
  });

  it("counts an address as taken where it is somebody's user name", async () => {
    const { app } = test;
    await app.db.transaction(async (transaction) => {
      const values = { name_key: "old@qq.com", user_id: 1 };
      await transaction.kysely.insertInto("login_names").values(values).execute();
    });
    expect((await ask("emails", "OLD@qq.com")).json()).toMatchObject({ count: 1 });
  });
});
