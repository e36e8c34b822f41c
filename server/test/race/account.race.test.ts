import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { nameKey } from "../../src/kernel/name-key.ts";
import { claimsOf } from "../support/forged-token.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";

/** Changes of one account at once: none may write back what it read before another one's change. */
describe("changes of one account at once", () => {
  let test: TestApp;
  const current_password = "12345678aA";
  beforeAll(async () => {
    test = await startTestApp();
  });
  afterAll(() => test.close());

  async function expectNamesInOrder(id: number) {
    const { kysely } = test.app.db;
    const user = await kysely.selectFrom("users").selectAll().where("id", "=", id).executeTakeFirstOrThrow();
    const rows = await kysely
      .selectFrom("login_names")
      .select("name_key")
      .where("user_id", "=", id)
      .execute();
    const own = [user.username, user.email, user.mobile].filter((name) => name !== null).map(nameKey);
    expect(rows.map((row) => row.name_key).sort()).toEqual(own.sort());
    return user;
  }

  it("an address and a mobile number changed together are both kept, and logged in by", async () => {
    const { id, token } = await test.signUp({ username: "python01", email: "44@qq.com" });
    for (const round of [1, 2, 3]) {
      const [email, mobile] = [`new${round}@qq.com`, `1380000000${round}`];
      const email_code = await test.codeFor(email, "changeEmail", token);
      const answers = await Promise.all([
        test.as(token)({
          method: "PUT",
          url: "/user/email/",
          payload: { email, email_code, current_password },
        }),
        test.as(token)({ method: "PATCH", url: "/user/", payload: { mobile, current_password } }),
        test.as(token)({ method: "PATCH", url: "/user/", payload: { first_name: `三${round}` } }),
      ]);
      for (const answer of answers) expect(answer.statusCode, answer.body).toBe(200);
      expect(await expectNamesInOrder(id)).toMatchObject({ email, mobile, first_name: `三${round}` });
    }
  });

  it("of several new mobile numbers one stays, and the others are given up", async () => {
    const { id, token } = await test.signUp({ username: "python02", email: "45@qq.com" });
    const answers = await Promise.all(
      [1, 2, 3, 4].map((digit) =>
        test.as(token)({
          method: "PATCH",
          url: "/user/",
          payload: { mobile: `1390000000${digit}`, current_password },
        }),
      ),
    );
    for (const answer of answers) expect(answer.statusCode, answer.body).toBe(200);
    await expectNamesInOrder(id);
  });

  it("a present password proves nothing any more once another one was set", async () => {
    const { id, token } = await test.signUp({ username: "python03", email: "46@qq.com" });
    const answers = await Promise.all(
      [1, 2, 3, 4].map((digit) => {
        const password = `new-password-${digit}`;
        const payload = { current_password, password, password2: password };
        return test.as(token)({ method: "PUT", url: "/user/password/", payload });
      }),
    );
    expect(answers.map(({ statusCode }) => statusCode).sort()).toEqual([200, 401, 401, 401]);
    await test.runJobs();
    expect(
      test.mailbox.filter(({ to, subject }) => to === "46@qq.com" && subject.includes("已修改")),
    ).toHaveLength(1);
    const user = await expectNamesInOrder(id);
    // Issued under the winner's credentials, of which there is one.
    const winner = answers.find(({ statusCode }) => statusCode === 200)!;
    expect(claimsOf(winner.json().token)).toMatchObject({ v: user.credentials_version });
  });

  it("an address that is given up resets no password, and a reset ends a change under way", async () => {
    const { id, token } = await test.signUp({ username: "python04", email: "47@qq.com" });
    test.clock.advance(61);
    const reset_code = await test.codeFor("47@qq.com", "resetpwd");
    const email_code = await test.codeFor("48@qq.com", "changeEmail", token);
    const password = "new-password-1";
    const answers = await Promise.all([
      test.as(token)({
        method: "PUT",
        url: "/user/email/",
        payload: { email: "48@qq.com", email_code, current_password },
      }),
      test.anonymous({
        method: "POST",
        url: "/users/password/",
        payload: { email: "47@qq.com", email_code: reset_code, password, password2: password },
      }),
    ]);
    expect(answers.filter(({ statusCode }) => statusCode === 200)).toHaveLength(1);
    const user = await expectNamesInOrder(id);
    const isMoved = answers[0]?.statusCode === 200;
    expect(user.email).toBe(isMoved ? "48@qq.com" : "47@qq.com");
    expect(user.credentials_version === claimsOf(token).v).toBe(isMoved);
  });

  it("an address confirmed while a password is changed stays confirmed", async () => {
    const { id, token } = await test.signUp({ username: "python05", email: "49@qq.com" });
    // As an import leaves it.
    await test.app.db.kysely.updateTable("users").set({ email_verified: 0 }).where("id", "=", id).execute();
    test.clock.advance(61);
    const email_code = await test.codeFor("49@qq.com", "changeEmail", token);
    const password = "new-password-1";
    const answers = await Promise.all([
      test.as(token)({
        method: "PUT",
        url: "/user/password/",
        payload: { current_password, password, password2: password },
      }),
      test.as(token)({
        method: "PUT",
        url: "/user/email/",
        payload: { email: "49@qq.com", email_code, current_password },
      }),
    ]);
    expect(answers[0]?.statusCode).toBe(200);
    // The password waits for another hash, so the address is first as a rule; else the token has ended.
    const isConfirmed = answers[1]?.statusCode === 200;
    expect(await expectNamesInOrder(id)).toMatchObject({ email_verified: isConfirmed ? 1 : 0 });
  });
});
