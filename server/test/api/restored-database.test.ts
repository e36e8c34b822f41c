import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { endAllTokens } from "../../src/accounts/change.ts";
import { randomShift } from "../../src/accounts/credentials-version.ts";
import { claimsOf, forge } from "../support/forged-token.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";

/** A database put back from a backup, or a standby that lacked the last transactions: what was counted, counts again. */
describe("after a restore", () => {
  let test: TestApp;
  beforeAll(async () => {
    test = await startTestApp();
  });
  afterAll(() => test.close());

  const statusOf = async (token: string) => (await test.as(token)({ url: "/user/" })).statusCode;
  const row = (username: string) =>
    test.app.db.kysely
      .selectFrom("users")
      .selectAll()
      .where("username", "=", username)
      .executeTakeFirstOrThrow();
  const putBack = ({ id, ...values }: Awaited<ReturnType<typeof row>>) =>
    test.app.db.kysely.updateTable("users").set(values).where("id", "=", id).execute();

  async function changePassword(token: string, current_password: string, password: string): Promise<string> {
    const payload = { current_password, password, password2: password };
    const answer = await test.as(token)({ method: "PUT", url: "/user/password/", payload });
    expect(answer.statusCode, answer.body).toBe(200);
    return answer.json().token;
  }

  async function endTokens(token: string): Promise<void> {
    expect((await test.as(token)({ method: "POST", url: "/user/tokens/end/" })).statusCode).toBe(200);
  }

  async function logIn(username: string, password: string): Promise<string> {
    const payload = { username, password };
    const answer = await test.anonymous({ method: "POST", url: "/users/authorizations/", payload });
    expect(answer.statusCode, answer.body).toBe(200);
    return answer.json().token;
  }

  it("no change of credentials gives a lost one's tokens back their life", async () => {
    const { token } = await test.signUp({ username: "python01", email: "44@qq.com", password: "12345678aA" });
    const backup = await row("python01");
    // As many changes as a thief may have waited for, each with a token of its own.
    const stolen = [await changePassword(token, "12345678aA", "new-password-1")];
    stolen.push(await changePassword(stolen[0]!, "new-password-1", "new-password-2"));
    await endTokens(stolen[1]!);
    stolen.push(await logIn("python01", "new-password-2"));
    await putBack(backup);
    for (const one of stolen) expect(await statusOf(one)).toBe(401);
    let current = await logIn("python01", "12345678aA");
    for (const [i, before] of ["12345678aA", "again-password-1", "again-password-2"].entries()) {
      current = await changePassword(current, before, `again-password-${i + 1}`);
      for (const one of stolen) expect(await statusOf(one)).toBe(401);
    }
    await endTokens(current);
    for (const one of [...stolen, token, current]) expect(await statusOf(one)).toBe(401);
  });

  it("an account that gets a lost one's id and name is not opened by the lost one's token", async () => {
    const lost = await test.signUp({ username: "python02", email: "45@qq.com" });
    await test.app.db.kysely.deleteFrom("users").where("id", "=", lost.id).execute();
    const next = await test.signUp({ username: "python02", email: "46@qq.com" });
    // As if its id had been given again; the names agree.
    const token = forge({ ...claimsOf(lost.token), user_id: next.id });
    expect(await statusOf(token)).toBe(401);
    expect(await statusOf(forge(claimsOf(next.token)))).toBe(200);
  });

  it("versions of accounts made by the version before go on, and its counting ends tokens of this one", async () => {
    const { token } = await test.signUp({ username: "python03", email: "47@qq.com" });
    const set = (credentials_version: number) =>
      test.app.db.kysely
        .updateTable("users")
        .set({ credentials_version })
        .where("username", "=", "python03")
        .execute();
    const { credentials_version } = await row("python03");
    await set(credentials_version + 1);
    expect(await statusOf(token)).toBe(401);
    for (const old of [0, 1, 17]) {
      await set(old);
      expect(await statusOf(forge({ ...claimsOf(token), v: old }))).toBe(200);
    }
  });

  it("all tokens can be ended at once: the backup's, other services', not those of after", async () => {
    const { token } = await test.signUp({ username: "python04", email: "48@qq.com", password: "12345678aA" });
    const backup = await row("python04");
    await endTokens(token);
    const { v: _, ...claims } = claimsOf(token);
    const foreign = forge({ ...claims, iat: Math.floor(test.clock.now() / 1000) });
    await putBack(backup);
    test.clock.advance(60);
    expect([await statusOf(token), await statusOf(foreign)]).toEqual([200, 200]);
    await test.app.db.transaction((transaction) => endAllTokens(transaction, test.clock.now()));
    expect([await statusOf(token), await statusOf(foreign)]).toEqual([401, 401]);
    expect(await statusOf(await logIn("python04", "12345678aA"))).toBe(200);
  });

  it("ending all changes every version, also the least, the greatest and a counter's", async () => {
    const { id } = await test.signUp({ username: "python05", email: "49@qq.com" });
    const { least, range } = randomShift();
    for (const credentials_version of [0, 17, least - 1, least, least + 1, least + range - 1]) {
      await test.app.db.kysely
        .updateTable("users")
        .set({ credentials_version })
        .where("id", "=", id)
        .execute();
      await test.app.db.transaction((transaction) => endAllTokens(transaction, test.clock.now()));
      const { credentials_version: next } = await row("python05");
      expect(next).not.toBe(credentials_version);
      expect(next).toBeGreaterThanOrEqual(least);
      expect(next).toBeLessThan(least + range);
    }
  });

  it("versions stay where PostgreSQL's integer has room for the version before", async () => {
    for (let i = 0; i < 5; i++) {
      const { token } = await test.signUp({ username: `reader${i}0`, email: `r${i}@qq.com` });
      const v = claimsOf(token).v as number;
      expect(Number.isInteger(v) && v > 0 && v <= 2_000_000_000).toBe(true);
    }
  });
});
