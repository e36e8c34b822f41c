import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { changeUser } from "../../src/accounts/user-change.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";

/** An account whose user name is its address, as a first third-party log-in makes them; then the address changes. */
describe("an account named after its address", () => {
  let test: TestApp;
  const password = "12345678aA";
  beforeAll(async () => {
    test = await startTestApp();
  });
  afterAll(() => test.close());

  async function accountNamed(address: string): Promise<{ id: number; token: string }> {
    const made = await test.signUp({ username: `person${address[0]}`, email: address, password });
    await test.app.db.transaction((transaction) =>
      changeUser(transaction, test.clock, made.id, { username: address }),
    );
    return made;
  }
  const logIn = async (username: string) =>
    (
      await test.anonymous({
        method: "POST",
        url: "/users/authorizations/",
        payload: { username, password },
      })
    ).statusCode;
  const namesOf = async (id: number) =>
    (
      await test.app.db.kysely
        .selectFrom("login_names")
        .select("name_key")
        .where("user_id", "=", id)
        .execute()
    ).map((row) => row.name_key);

  it("is named after the new one; the old one logs in no more, and in time is its next owner's", async () => {
    const { id, token } = await accountNamed("a@qq.com");
    expect(await logIn("a@qq.com")).toBe(200);
    const email_code = await test.codeFor("b@qq.com", "changeEmail", token);
    const payload = { email: "b@qq.com", email_code, current_password: password };
    const changed = await test.as(token)({ method: "PUT", url: "/user/email/", payload });
    expect(changed.statusCode, changed.body).toBe(200);
    expect(await logIn("a@qq.com")).toBe(400);
    expect(await logIn("b@qq.com")).toBe(200);
    expect(await namesOf(id)).toEqual(["b@qq.com"]);
    // The one who changed it is not logged out by that.
    const me = await test.as(token)({ url: "/user/" });
    expect(me.json()).toMatchObject({ id, username: "b@qq.com", email: "b@qq.com" });
    test.clock.advance(90 * 86_400);
    await test.app.maintenance.run();
    const next = await test.signUp({ username: "newowner", email: "a@qq.com", password });
    expect(next.id).not.toBe(id);
    expect(await logIn("a@qq.com")).toBe(200);
  });

  it("is so when an administrator changes the address, and keeps a name that was chosen", async () => {
    const { id } = await accountNamed("c@qq.com");
    const change = (email: string) =>
      test.app.db.transaction((transaction) => changeUser(transaction, test.clock, id, { email }));
    expect((await change("d@qq.com")).after).toMatchObject({ username: "d@qq.com", email: "d@qq.com" });
    expect(await namesOf(id)).toEqual(["d@qq.com"]);
    const other = await test.signUp({ username: "chosen1", email: "e@qq.com", password });
    const { after } = await test.app.db.transaction((transaction) =>
      changeUser(transaction, test.clock, other.id, { email: "f@qq.com" }),
    );
    expect(after.username).toBe("chosen1");
    expect((await namesOf(other.id)).sort()).toEqual(["chosen1", "f@qq.com"]);
  });
});
