import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { addPasskey, logInBy, logInOptions } from "../support/passkeys.ts";
import { makePerson, type Person, password } from "../support/people.ts";
import { appCode, switchOnSecondFactor } from "../support/second-factor.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";

/** "This wasn't me" undoes a second factor that somebody else switched on, and leaves the owner's own. */
let test: TestApp;
let owner: Person;
beforeEach(async () => {
  test = await startTestApp();
  owner = await makePerson(test, "python01", { email: "44@qq.com" });
});
afterEach(() => test.close());

const post = (url: string, payload: object, token?: string, headers = {}) =>
  (token === undefined ? test.anonymous : test.as(token))({ method: "POST", url, payload, headers });
const logIn = (headers = {}) =>
  post("/users/authorizations/", { username: "python01", password }, undefined, headers);

/** The link of the last mail with that subject. */
async function linkIn(subject: string): Promise<string> {
  await test.runJobs();
  const mail = test.mailbox.findLast((one) => one.to === "44@qq.com" && one.subject.includes(subject));
  return /\/not-me#(\S+)/.exec(mail?.text ?? "")?.[1] ?? "";
}
const disown = (token: string) => post("/user/sessions/disown/", { token });

/** As a page does it, with whichever token. */
async function switchOn(token: string): Promise<void> {
  const { secret } = (await post("/user/second-factor/", { current_password: password }, token)).json();
  const code = appCode(secret, test.clock.now());
  expect((await post("/user/second-factor/confirm/", { code }, token)).statusCode).toBe(200);
}

describe("a thief with a stolen session switches on a second factor of their own", () => {
  it("and the link of the mail about it undoes it: every session ends, and the owner comes in again", async () => {
    await switchOn(owner.token);
    expect((await logIn()).statusCode, "kept out").toBe(403);
    test.clock.advance(3 * 86_400);
    const answer = await disown(await linkIn("两步验证已开启"));
    expect(answer.json()).toEqual({ message: "OK", mailed: true });
    expect((await test.as(owner.token)({ url: "/user/" })).statusCode).toBe(401);
    expect((await logIn()).statusCode).toBe(200);
    await test.runJobs();
    expect(test.mailbox.map(({ subject }) => subject)).toContainEqual(
      expect.stringContaining("两步验证已关闭"),
    );
    const tables = ["totp_factors", "recovery_codes"] as const;
    for (const table of tables) {
      expect(await test.app.db.kysely.selectFrom(table).selectAll().execute()).toEqual([]);
    }
    const entry = (await test.app.db.kysely.selectFrom("audit_entries").selectAll().execute()).at(-1)!;
    expect(JSON.parse(entry.before).second_factor_at).toEqual(expect.any(Number));
    expect(JSON.parse(entry.after).second_factor_at).toBeNull();
  });

  it("or adds a passkey: the link of that mail removes it", async () => {
    const { device } = await addPasskey(test, owner.token);
    test.clock.advance(60);
    expect((await logInBy(test, device.show(await logInOptions(test)))).statusCode, "is in").toBe(200);
    expect((await disown(await linkIn("已添加通行密钥"))).json()).toEqual({ message: "OK", mailed: true });
    const again = await logInBy(test, device.show(await logInOptions(test)));
    expect([again.statusCode, again.json().message]).toEqual([
      400,
      expect.stringContaining("已不在任何账号中"),
    ]);
  });

  it("and so does the link of the mail about the thief's log-in", async () => {
    const thief = await logIn({ "user-agent": "curl/8.14" });
    const link = await linkIn("新设备登录");
    test.clock.advance(60);
    await switchOn(thief.json().token);
    expect((await disown(link)).statusCode).toBe(200);
    expect((await logIn()).statusCode).toBe(200);
  });

  it("or has the app moved to their phone: the link of that mail takes it away again, and the owner comes in", async () => {
    const { next } = await switchOnSecondFactor(test, "python01");
    test.clock.advance(60);
    const url = "/user/second-factor/replacement/";
    const { secret } = (await post(url, { code: next() }, owner.token)).json();
    const code = appCode(secret, test.clock.now());
    expect((await post(`${url}confirm/`, { code }, owner.token)).statusCode).toBe(200);
    test.clock.advance(60);
    expect((await disown(await linkIn("验证器应用已更换"))).statusCode).toBe(200);
    // The owner's own is gone as well: nothing is left that they could give.
    expect((await logIn()).statusCode, "by the password, and a new one is on its way").toBe(200);
    expect(await test.app.db.kysely.selectFrom("totp_factors").selectAll().execute()).toEqual([]);
  });

  it("not for longer than seven days", async () => {
    await switchOn(owner.token);
    const link = await linkIn("两步验证已开启");
    test.clock.advance(7 * 86_400 + 1);
    expect((await disown(link)).statusCode).toBe(400);
    expect((await logIn()).statusCode).toBe(403);
  });
});

describe("a second factor that was on before what is disowned", () => {
  it("stays; recovery codes that were made since are over", async () => {
    const { next, recoveryCodes } = await switchOnSecondFactor(test, "python01");
    test.clock.advance(60);
    const held = await logIn({ "user-agent": "curl/8.14" });
    // Somebody who got hold of one code.
    const code = { step: held.json().step, code: recoveryCodes[0]! };
    const thief = await post("/users/second-factor/", code, undefined, { "user-agent": "curl/8.14" });
    expect(thief.statusCode).toBe(200);
    const link = await linkIn("新设备登录");
    test.clock.advance(60);
    const renewed = await post(
      "/user/second-factor/recovery-codes/",
      { code: recoveryCodes[1]! },
      thief.json().token,
    );
    const stolen = renewed.json().recovery_codes[0];
    expect((await disown(link)).statusCode).toBe(200);
    const finish = async (given: string) =>
      (await post("/users/second-factor/", { step: (await logIn()).json().step, code: given })).statusCode;
    expect(await finish(stolen), "the thief's recovery codes").toBe(400);
    expect(await finish(next()), "the owner's app").toBe(200);
  });

  it("stays, without an app that a thief put beside it", async () => {
    const { device } = await addPasskey(test, owner.token, { second_factor: true });
    // Its mail has the same subject, and of two jobs that are due either may be first.
    await test.runJobs();
    test.clock.advance(60);
    // In the session that is fresh from the passkey.
    const { secret } = (await post("/user/second-factor/", {}, owner.token)).json();
    const code = appCode(secret, test.clock.now());
    expect((await post("/user/second-factor/confirm/", { code }, owner.token)).statusCode).toBe(200);
    expect((await logIn()).json().methods).toContain("totp");
    expect((await disown(await linkIn("两步验证已开启"))).statusCode).toBe(200);
    expect((await logIn()).json().methods).toEqual(["passkey", "recovery_code"]);
    expect((await logInBy(test, device.show(await logInOptions(test)))).statusCode).toBe(200);
  });

  it("is off where the thief left none of it: its owner would be kept out by what is no more", async () => {
    const { id } = await addPasskey(test, owner.token, { second_factor: true });
    test.clock.advance(60);
    await addPasskey(test, owner.token, { second_factor: true });
    expect((await post(`/user/passkeys/${id}/remove/`, {}, owner.token)).statusCode).toBe(200);
    expect((await disown(await linkIn("已添加通行密钥"))).statusCode).toBe(200);
    expect((await logIn()).statusCode, "by the password, and a new one is on its way").toBe(200);
  });
});
