import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { addPasskey } from "../support/passkeys.ts";
import { makePerson, type Person, password } from "../support/people.ts";
import { appCode, switchOnSecondFactor } from "../support/second-factor.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";

/** Changes of the factor by whoever has it: other codes, an app beside a passkey, the app on another phone. */
let test: TestApp;
beforeAll(async () => {
  test = await startTestApp();
});
afterAll(() => test.close());

let count = 0;
const person = (): Promise<Person> => {
  const username = `moves${++count}`;
  return makePerson(test, username, { email: `${username}@qq.com` });
};
const url = "/user/second-factor/";
const post = (path: string, payload: object, token?: string, headers = {}) =>
  (token === undefined ? test.anonymous : test.as(token))({ method: "POST", url: path, payload, headers });
const finishLogIn = async (username: string, code: string) => {
  const { step } = (await post("/users/authorizations/", { username, password })).json();
  return (await post("/users/second-factor/", { step, code })).statusCode;
};
const subjects = async ({ username }: Person) => {
  await test.runJobs();
  return test.mailbox.filter(({ to }) => to === `${username}@qq.com`).map(({ subject }) => subject);
};
const changed = "【美多商城】您的验证器应用已更换";

describe("moving the app to another phone", () => {
  const proofs: Readonly<
    Record<string, (who: Person) => Promise<{ next(): string; body: object; headers?: object }>>
  > = {
    "a code of the app": async ({ username }) => {
      const { next } = await switchOnSecondFactor(test, username);
      return { next, body: { code: next() } };
    },
    "a recovery code": async ({ username }) => {
      const { next, recoveryCodes } = await switchOnSecondFactor(test, username);
      return { next, body: { code: recoveryCodes[0] } };
    },
    "a passkey": async ({ username, token }) => {
      const { device } = await addPasskey(test, token);
      const { next } = await switchOnSecondFactor(test, username);
      const { options } = (await post("/user/passkeys/proof/", {}, token)).json();
      return { next, body: { passkey: device.show(options) } };
    },
    "a proof for the call": async ({ username, token }) => {
      const { next } = await switchOnSecondFactor(test, username);
      const shown = { code: next(), action: "second_factor" };
      const { proof } = (await post("/user/reauthentication/", shown, token)).json();
      return { next, body: {}, headers: { "x-meiduo-proof": proof } };
    },
  };

  it.each(Object.entries(proofs))(
    "by %s: the one before counts until then, and not after",
    async (_by, make) => {
      const who = await person();
      const { next, body, headers } = await make(who);
      const begun = await post(`${url}replacement/`, body, who.token, headers);
      expect([begun.statusCode, begun.headers["cache-control"]], begun.body).toEqual([200, "no-store"]);
      const { secret, uri } = begun.json();
      expect(uri).toContain(secret);
      expect((await post(`${url}replacement/confirm/`, { code: "000000" }, who.token)).json()).toMatchObject({
        code: [expect.stringContaining("验证码不对")],
      });
      expect(await finishLogIn(who.username, next()), "of the app before").toBe(200);
      const code = appCode(secret, test.clock.now());
      const moved = await post(`${url}replacement/confirm/`, { code }, who.token);
      expect(moved.statusCode, moved.body).toBe(200);
      expect(await finishLogIn(who.username, next()), "of the app before").toBe(400);
      expect(await finishLogIn(who.username, code), "what it was confirmed by").toBe(400);
      expect(await finishLogIn(who.username, appCode(secret, test.clock.now()))).toBe(200);
      expect((await subjects(who)).filter((subject) => subject === changed)).toHaveLength(1);
      const again = await post(
        `${url}replacement/confirm/`,
        { code: appCode(secret, test.clock.now() + 30_000) },
        who.token,
      );
      expect(again.json().message).toBe("等待太久或已经用过，请重新开始设置。");
    },
  );

  it("takes a second factor for this very call, however recent the log-in, and says by what", async () => {
    const { username, token } = await person();
    await switchOnSecondFactor(test, username);
    for (const path of ["replacement/", "recovery-codes/", "remove/"]) {
      const refused = await post(url + path, {}, token);
      expect([refused.statusCode, refused.json()], path).toEqual([
        403,
        expect.objectContaining({
          ...{ code: "reauthentication_required", action: "second_factor" },
          methods: expect.arrayContaining(["totp", "recovery_code"]),
        }),
      ]);
      expect((await post(url + path, { code: "000000" }, token)).statusCode, path).toBe(400);
    }
  });

  it("a proof is good once, for this action, and one of before the factor is none", async () => {
    const { username, token } = await person();
    const proofFor = async (shown: object, action: string) =>
      (await post("/user/reauthentication/", { ...shown, action }, token)).json().proof as string;
    const early = await proofFor({ password }, "second_factor");
    const { next } = await switchOnSecondFactor(test, username);
    const renew = (proof: string) => post(`${url}recovery-codes/`, {}, token, { "x-meiduo-proof": proof });
    expect((await renew(early)).statusCode, "made by the password").toBe(403);
    expect((await renew(await proofFor({ code: next() }, "bindings"))).statusCode).toBe(403);
    const proof = await proofFor({ code: next() }, "second_factor");
    expect((await renew(proof)).json().recovery_codes).toHaveLength(10);
    expect((await renew(proof)).statusCode).toBe(403);
    const off = await proofFor({ code: next() }, "second_factor");
    const removed = await post(`${url}remove/`, {}, token, { "x-meiduo-proof": off });
    expect(removed.statusCode, removed.body).toBe(200);
  });

  it("is over after ten minutes, with other credentials, and by a later beginning", async () => {
    const who = await person();
    const { next } = await switchOnSecondFactor(test, who.username);
    const begin = async () =>
      (await post(`${url}replacement/`, { code: next() }, who.token)).json().secret as string;
    const confirm = (secret: string) =>
      post(`${url}replacement/confirm/`, { code: appCode(secret, test.clock.now()) }, who.token);
    const first = await begin();
    const second = await begin();
    expect((await confirm(first)).statusCode).toBe(400);
    test.clock.advance(601);
    expect((await confirm(second)).json().message).toContain("重新开始");
    const third = await begin();
    // Switched off and on again meanwhile: what it was to take the place of is gone.
    const owner = (await test.app.users.byLoginName(who.username))!;
    await test.app.secondFactors.remove(owner, "zh");
    const { next: later } = await switchOnSecondFactor(test, who.username);
    expect((await confirm(third)).json().message).toContain("重新开始");
    expect(await finishLogIn(who.username, later())).toBe(200);
  });

  it("is nothing to whoever has no app", async () => {
    const { token } = await person();
    for (const path of ["replacement/", "recovery-codes/", "remove/"]) {
      expect((await post(url + path, {}, token)).statusCode, path).toBe(404);
    }
    const { device } = await addPasskey(test, token);
    const proof = async () => {
      const { options } = (await post("/user/passkeys/proof/", {}, token)).json();
      return { passkey: device.show(options) };
    };
    const renewed = await post(`${url}recovery-codes/`, await proof(), token);
    expect(renewed.statusCode, "a passkey that is no second factor gets no codes").toBe(404);
    expect((await post(`${url}replacement/`, await proof(), token)).statusCode).toBe(404);
  });
});

describe("an app beside a passkey", () => {
  it("is added after a proof by the passkey, gives no second set of codes, and its owner is told", async () => {
    const who = await person();
    const { device, recoveryCodes } = await addPasskey(test, who.token, { second_factor: true });
    test.clock.advance(901);
    const refused = await post(url, { current_password: password }, who.token);
    expect(refused.json()).toMatchObject({ code: "reauthentication_required", action: "second_factor" });
    const { options } = (await post("/user/passkeys/proof/", {}, who.token)).json();
    const shown = { passkey: device.show(options), action: "second_factor" };
    const { proof } = (await post("/user/reauthentication/", shown, who.token)).json();
    const { secret } = (await post(url, {}, who.token, { "x-meiduo-proof": proof })).json();
    const code = appCode(secret, test.clock.now());
    const confirmed = await post(`${url}confirm/`, { code }, who.token);
    expect(confirmed.json()).toEqual({ recovery_codes: [] });
    expect(await finishLogIn(who.username, recoveryCodes[0]!), "those of the passkey are good").toBe(200);
    expect((await subjects(who)).filter((subject) => subject.includes("两步验证已开启"))).toHaveLength(2);
    const status = (await test.as(who.token)({ url })).json();
    expect(status.methods).toEqual(["passkey", "totp", "recovery_code"]);
  });
});
