import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makePerson, type Person, password } from "../support/people.ts";
import { switchOnSecondFactor } from "../support/second-factor.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";

/** A passkey is a way in by itself and outlives a new password, so adding one takes more than a log-in that was recent. */
let test: TestApp;
beforeAll(async () => {
  test = await startTestApp();
});
afterAll(() => test.close());

let count = 0;
const person = (): Promise<Person> => {
  const username = `keyless${++count}`;
  return makePerson(test, username, { email: `${username}@qq.com` });
};
/** Without a token: of somebody who logs in. */
const post = (url: string, payload: object, token: string, headers = {}) =>
  (token === "" ? test.anonymous : test.as(token))({ method: "POST", url, payload, headers });

describe("adding a passkey", () => {
  it("is not a stolen token's to do, however fresh: the call shows its owner by the password or a proof", async () => {
    const { token } = await person();
    const begin = (body: object, headers = {}) => post("/user/passkeys/options/", body, token, headers);
    expect((await begin({})).json()).toMatchObject({
      ...{ code: "reauthentication_required", action: "passkeys" },
      methods: ["password", "email_code", "log_in"],
    });
    expect((await begin({ current_password: "not it" })).statusCode).toBe(400);
    // Proving oneself makes the session recent, and that alone is not enough either.
    const { proof } = (await post("/user/reauthentication/", { password, action: "passkeys" }, token)).json();
    expect((await begin({})).statusCode).toBe(403);
    expect((await begin({}, { "x-meiduo-proof": proof })).statusCode).toBe(200);
    expect((await begin({}, { "x-meiduo-proof": proof })).statusCode, "once").toBe(403);
  });

  it("beside a second factor takes a recent one of it, and neither the password nor a log-in without", async () => {
    const { token, username } = await person();
    const { next } = await switchOnSecondFactor(test, username);
    const begin = () => post("/user/passkeys/options/", { current_password: password }, token);
    expect((await begin()).statusCode).toBe(403);
    expect((await post("/user/reauthentication/", { code: next() }, token)).statusCode).toBe(200);
    expect((await begin()).statusCode).toBe(200);
  });

  it("is open to who has nothing to show but a recent log-in", async () => {
    const { token, id } = await person();
    const { kysely } = test.app.db;
    await kysely
      .updateTable("users")
      .set({ password_hash: "!", email_verified: 0 })
      .where("id", "=", id)
      .execute();
    const begin = () => post("/user/passkeys/options/", {}, token);
    expect((await begin()).statusCode).toBe(200);
    test.clock.advance(901);
    expect((await begin()).json()).toMatchObject({ methods: ["log_in"] });
  });
});

it("a factor that was given before the present one was switched on is no proof of that", async () => {
  const { username } = await person();
  const { next } = await switchOnSecondFactor(test, username);
  const held = await post("/users/authorizations/", { username, password }, "");
  const logIn = await post("/users/second-factor/", { step: held.json().step, code: next() }, "");
  // Stolen from here on, by who knows the password, while the owner changes telephones.
  const stolen = logIn.json().token;
  const again = await post("/users/authorizations/", { username, password }, "");
  const own = await post("/users/second-factor/", { step: again.json().step, code: next() }, "");
  const off = await post("/user/second-factor/remove/", { code: next() }, own.json().token);
  expect(off.statusCode, off.body).toBe(200);
  test.clock.advance(600);
  expect((await post("/user/reauthentication/", { password }, stolen)).statusCode).toBe(200);
  test.clock.advance(60);
  const { next: ofNewPhone } = await switchOnSecondFactor(test, username);
  const begin = () => post("/user/passkeys/options/", { current_password: password }, stolen);
  expect((await begin()).json()).toMatchObject({ code: "reauthentication_required" });
  expect((await post("/user/reauthentication/", { code: ofNewPhone() }, stolen)).statusCode).toBe(200);
  expect((await begin()).statusCode).toBe(200);
});
