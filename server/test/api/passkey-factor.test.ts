import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { addPasskey, logInBy, logInOptions } from "../support/passkeys.ts";
import { makePerson, type Person, password } from "../support/people.ts";
import { switchOnSecondFactor } from "../support/second-factor.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";

/** What becomes of a passkey once it is there: as a second factor, renamed, removed. */
let test: TestApp;
beforeAll(async () => {
  test = await startTestApp();
});
afterAll(() => test.close());

let count = 0;
const person = (): Promise<Person> => {
  const username = `passkey${++count}`;
  return makePerson(test, username, { email: `${username}@qq.com` });
};
const post = (url: string, payload: object, token?: string) =>
  (token === undefined ? test.anonymous : test.as(token))({ method: "POST", url, payload });
const logIn = (username: string) => post("/users/authorizations/", { username, password });
const list = async (token: string) => (await test.as(token)({ url: "/user/passkeys/" })).json();
const refused = "通行密钥没有通过验证，请重试，或使用其他方式。";
const ended = "等待太久或已经用过，请再试一次。";

describe("as a second factor", () => {
  it("is asked for after a password only where its owner wished it, and then takes it or a recovery code", async () => {
    const plain = await person();
    await addPasskey(test, plain.token);
    expect((await logIn(plain.username)).statusCode).toBe(200);

    const { id, username, token } = await person();
    const { device, recoveryCodes } = await addPasskey(test, token, { second_factor: true });
    expect(recoveryCodes).toHaveLength(10);
    test.clock.advance(1);
    const more = await addPasskey(test, token, { second_factor: true });
    expect(more.recoveryCodes, "shown once").toEqual([]);
    const held = await logIn(username);
    expect(held.json()).toMatchObject({ methods: ["passkey", "recovery_code"] });
    const { step } = held.json();
    const begun = await post("/users/second-factor/passkey/", { step });
    const { options } = begun.json();
    expect(options.allowCredentials.map((one: { id: string }) => one.id)).toEqual([
      device.id,
      more.device.id,
    ]);
    const passkey = device.show(options, { userHandle: null });
    const done = await post("/users/second-factor/", { step, passkey });
    expect(done.json(), done.body).toMatchObject({ user_id: id, token: expect.any(String) });
    expect((await post("/users/second-factor/passkey/", { step })).json().message).toContain("已失效");
    const byCode = await logIn(username);
    const finished = await post("/users/second-factor/", {
      step: byCode.json().step,
      code: recoveryCodes[0]!,
    });
    expect(finished.statusCode).toBe(200);
    expect((await post("/users/second-factor/", { step: byCode.json().step })).statusCode).toBe(400);
  });

  it("takes no passkey of another account, none made for a log-in, and the log-in none made for a step", async () => {
    const [one, other] = [await person(), await person()];
    const { device } = await addPasskey(test, one.token, { second_factor: true });
    const { device: foreign } = await addPasskey(test, other.token);
    const stepOf = async () => (await logIn(one.username)).json().step as string;
    const optionsOf = async (step: string) =>
      (await post("/users/second-factor/passkey/", { step })).json().options;
    const finish = (step: string, passkey: object) => post("/users/second-factor/", { step, passkey });
    const step = await stepOf();
    expect((await finish(step, foreign.show(await optionsOf(step)))).json().message).toBe(refused);
    expect((await finish(step, device.show(await logInOptions(test)))).json().message).toBe(ended);
    expect((await logInBy(test, device.show(await optionsOf(step)))).json().message).toBe(ended);
    expect((await finish(step, device.show(await optionsOf(step)))).statusCode).toBe(200);
  });

  it("stands beside an app: either does, and whichever goes the other stays", async () => {
    const { username, token } = await person();
    const { id, device } = await addPasskey(test, token, { second_factor: true });
    const { next, recoveryCodes } = await switchOnSecondFactor(test, username);
    expect(recoveryCodes, "those of the passkey are good").toEqual([]);
    expect((await logIn(username)).json()).toMatchObject({ methods: ["passkey", "totp", "recovery_code"] });
    const status = await test.as(token)({ url: "/user/second-factor/" });
    expect(status.json()).toMatchObject({ enabled: true, methods: ["passkey", "totp", "recovery_code"] });
    expect((await post(`/user/passkeys/${id}/remove/`, {}, token)).statusCode).toBe(200);
    expect((await logIn(username)).json()).toMatchObject({ methods: ["totp", "recovery_code"] });
    await addPasskey(test, token);
    const off = await post("/user/second-factor/remove/", { code: next() }, token);
    expect(off.statusCode, off.body).toBe(200);
    expect((await logIn(username)).statusCode).toBe(200);
    expect((await list(token)).passkeys).toHaveLength(1);
    expect(device.id).toBeTruthy();
  });

  it("renews recovery codes and switches itself off by a passkey", async () => {
    const { username, token } = await person();
    const { device } = await addPasskey(test, token, { second_factor: true });
    const proof = async () => {
      const { options } = (await test.as(token)({ method: "POST", url: "/user/passkeys/proof/" })).json();
      return { passkey: device.show(options) };
    };
    const renewed = await post("/user/second-factor/recovery-codes/", await proof(), token);
    expect(renewed.json().recovery_codes).toHaveLength(10);
    const none = await post("/user/second-factor/remove/", {}, token);
    expect(none.json()).toMatchObject({ code: "reauthentication_required", action: "second_factor" });
    expect((await post("/user/second-factor/remove/", await proof(), token)).statusCode).toBe(200);
    expect((await logIn(username)).statusCode).toBe(200);
  });
});

describe("renaming and removing", () => {
  it("takes the own ones alone; a removed one opens nothing, and the owner is told", async () => {
    const [one, other] = [await person(), await person()];
    const { id, device } = await addPasskey(test, one.token);
    const rename = (name: string, token: string) =>
      test.as(token)({ method: "PATCH", url: `/user/passkeys/${id}/`, payload: { name } });
    expect((await rename("别人的", other.token)).statusCode).toBe(404);
    expect((await rename("办公室电脑", one.token)).statusCode).toBe(200);
    expect((await list(one.token)).passkeys[0].name).toBe("办公室电脑");
    expect((await rename("a\u202eb", one.token)).statusCode).toBe(400);
    expect((await rename("x".repeat(65), one.token)).statusCode).toBe(400);
    expect((await post(`/user/passkeys/${id}/remove/`, {}, other.token)).statusCode).toBe(404);
    test.clock.advance(901);
    const stale = await post(`/user/passkeys/${id}/remove/`, {}, one.token);
    expect(stale.json()).toMatchObject({ code: "reauthentication_required" });
    const done = await post(`/user/passkeys/${id}/remove/`, { current_password: password }, one.token);
    expect(done.statusCode).toBe(200);
    const gone = await logInBy(test, device.show(await logInOptions(test)));
    expect(gone.json().message).toContain("已不在任何账号中");
    await test.runJobs();
    expect(test.mailbox.at(-1)).toMatchObject({ subject: "【美多商城】已删除通行密钥" });
  });

  it("the last second factor goes only with proof in that very call, and takes the recovery codes along", async () => {
    const { username, token } = await person();
    const { id, device, recoveryCodes } = await addPasskey(test, token, { second_factor: true });
    const remove = (body: object) => post(`/user/passkeys/${id}/remove/`, body, token);
    const asked = await remove({ current_password: password });
    expect(asked.json()).toMatchObject({
      code: "reauthentication_required",
      methods: ["passkey", "recovery_code"],
    });
    expect((await list(token)).passkeys, "nothing was done").toHaveLength(1);
    expect((await remove({ code: "AAAAA-AAAAA" })).statusCode).toBe(400);
    const { options } = (await test.as(token)({ method: "POST", url: "/user/passkeys/proof/" })).json();
    expect((await remove({ passkey: device.show(options) })).statusCode).toBe(200);
    expect((await post("/users/authorizations/", { username, password })).statusCode).toBe(200);
    const status = await test.as(token)({ url: "/user/second-factor/" });
    expect(status.json()).toMatchObject({ enabled: false, recovery_codes_left: 0 });
    expect(recoveryCodes).toHaveLength(10);
  });

  it("staff take them from whoever lost the device", async () => {
    const { id, token } = await person();
    const { device } = await addPasskey(test, token);
    const root = await makePerson(test, "passkeyroot", { is_superuser: 1 });
    const reset = await post(`/admin/users/${id}/second-factor/reset/`, { reason: "lost phone" }, root.token);
    expect(reset.statusCode, reset.body).toBe(200);
    expect((await logInBy(test, device.show(await logInOptions(test)))).statusCode).toBe(400);
  });
});
