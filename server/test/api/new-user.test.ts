import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { AppError } from "../../src/errors/errors.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";

/** `app.users.add`, for programs that embed this server: names, address and number as a sign-up would have them. */
let test: TestApp;
beforeAll(async () => {
  test = await startTestApp({ env: { RESERVED_USERNAMES: "bigbrand" } });
});
afterAll(() => test.close());

type Names = { username: string; email?: string | null; mobile?: string; first_name?: string };
const add = (names: Names, giver?: "person" | "operator") =>
  test.app.db.transaction(async (transaction) => {
    const password_hash = test.app.passwords.unusable();
    return test.app.users.add(transaction, { email: null, ...names, password_hash }, giver);
  });
const problemsOf = (names: Names, giver?: "person" | "operator") =>
  add(names, giver).then(
    (user) => user as never,
    (error: AppError) => error.fields?.map(({ field, code }) => `${field} ${code}`),
  );

it("stores the forms that a sign-up stores, and finds the account by every writing", async () => {
  const made = await add({
    username: " ｚｈａｎｇｓａｎ ",
    email: " 张三@例子.中国 ",
    mobile: " 13900139000 ",
  });
  const stored = { username: "zhangsan", email: "张三@xn--fsqu00a.xn--fiqs8s", mobile: "13900139000" };
  expect(made).toMatchObject(stored);
  const { id } = made as { id: number };
  expect(await test.app.users.byId(id)).toMatchObject(stored);
  for (const name of ["ZhangSan", "张三@例子。中国", "张三@XN--FSQU00A.xn--fiqs8s", "13900139000"]) {
    expect((await test.app.users.byLoginName(name))?.id).toBe(id);
  }
  const count = await test.anonymous({ url: "/users/usernames/zhangsan/count/" });
  expect(count.json().count).toBe(1);
});

it("takes an empty address and number as none", async () => {
  expect(await add({ username: "nothing1", email: " ", mobile: "" })).toMatchObject({
    email: null,
    mobile: null,
  });
});

it("says what is taken, in every writing", async () => {
  await add({ username: "holder1", email: "Held@QQ.com" });
  const taken = (names: Names) =>
    test.app.db
      .transaction(async (transaction) => {
        const account = { email: null, ...names, password_hash: "!" };
        throw await test.app.users.add(transaction, account);
      })
      .catch((thrown: unknown) => thrown);
  expect(await taken({ username: "ＨＯＬＤＥＲ１" })).toEqual({ taken: "username" });
  expect(await taken({ username: "another1", email: "held@ｑｑ.com" })).toEqual({ taken: "email" });
});

describe("what a sign-up refuses", () => {
  it.each([
    [{ username: "" }, ["username too_short"]],
    [{ username: "abcd" }, ["username too_short"]],
    [{ username: "ﬃ".repeat(7) }, ["username too_long"]],
    [{ username: "two words" }, ["username invalid_username"]],
    [{ username: "ab\u200bcde" }, ["username invalid_username"]],
    [{ username: "pаypal" }, ["username username_mixed"]],
    [{ username: "13800138000" }, ["username username_like_mobile"]],
    [{ username: "admin" }, ["username username_reserved"]],
    [{ username: "bigbrand" }, ["username username_reserved"]],
    [{ username: "somebody1", email: "Bob <bob@qq.com>" }, ["email invalid_email"]],
    [{ username: "somebody1", email: "a\0b@qq.com" }, ["email invalid_email"]],
    [
      { username: "somebody1", email: "none", mobile: "12" },
      ["email invalid_email", "mobile invalid_mobile"],
    ],
    [{ username: "somebody1", first_name: "\u202etxt.exe" }, ["first_name invisible_characters"]],
    [{ username: "somebody1", first_name: "x".repeat(151) }, ["first_name too_long"]],
  ] as [Names, string[]][])("%j", async (names, problems) => {
    expect(await problemsOf(names)).toEqual(problems);
  });

  it("is refused to an operator only where nobody could use it", async () => {
    for (const username of ["admin", "bigbrand", "abc", "13800138001", "op@例子.中国", "x".repeat(150)]) {
      expect(await add({ username }, "operator")).toMatchObject({ username });
    }
    expect(await problemsOf({ username: "two words" }, "operator")).toEqual(["username invalid_username"]);
    expect(await problemsOf({ username: "x".repeat(151) }, "operator")).toEqual(["username too_long"]);
    expect(await problemsOf({ username: " " }, "operator")).toEqual(["username too_short"]);
  });
});
