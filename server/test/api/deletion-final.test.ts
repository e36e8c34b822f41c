import { afterAll, beforeAll, expect, it } from "vitest";
import { makePerson, password } from "../support/people.ts";
import { switchOnSecondFactor } from "../support/second-factor.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";

/** A deletion where there is no grace, and so nothing can be cancelled: every factor, in that very call. */
let final: TestApp;
let count = 0;
beforeAll(async () => {
  final = await startTestApp({ env: { DELETION_GRACE_DAYS: "0" } });
});
afterAll(() => final.close());

async function somebody(has: { readonly password: boolean; readonly factor: boolean }) {
  const username = `final${++count}`;
  const person = await makePerson(final, username);
  const factor = has.factor ? await switchOnSecondFactor(final, username) : null;
  if (!has.password) {
    const unusable = { password_hash: final.app.passwords.unusable() };
    await final.app.db.kysely.updateTable("users").set(unusable).where("id", "=", person.id).execute();
  }
  const call = (payload: object, proof?: string) =>
    final.as(person.token)({
      ...{ method: "POST", url: "/user/deletion/", payload },
      headers: proof === undefined ? {} : { "x-meiduo-proof": proof },
    });
  const prove = async (payload: object) => {
    const answer = await final.as(person.token)({
      ...{ method: "POST", url: "/user/reauthentication/", payload: { action: "deletion", ...payload } },
    });
    return answer.json().proof as string;
  };
  const isThere = async () => (await final.app.users.byId(person.id))?.deletion_due_at === null;
  return { ...person, factor, call, prove, isThere };
}

it("with both, takes the password and the factor, each of this very call", async () => {
  const one = await somebody({ password: true, factor: true });
  const right = { current_password: password };
  // Logged in a moment ago, and the factor was switched on since.
  expect((await one.call({})).statusCode).toBe(400);
  const without = await one.call(right);
  expect([without.statusCode, without.json().code]).toEqual([403, "reauthentication_required"]);
  const proof = await one.prove({ code: one.factor!.next() });
  expect((await one.call({ current_password: "wrong-one" }, proof)).statusCode).toBe(400);
  expect(await one.isThere()).toBe(true);
  expect((await one.call(right, proof)).statusCode).toBe(202);
});

it("without a password takes the factor of this very call, however recent the log-in", async () => {
  const one = await somebody({ password: false, factor: true });
  expect((await one.call({})).statusCode).toBe(403);
  const other = await one.prove({ code: one.factor!.next(), action: "export" });
  expect((await one.call({}, other)).statusCode).toBe(403);
  expect(await one.isThere()).toBe(true);
  expect((await one.call({}, await one.prove({ code: one.factor!.next() }))).statusCode).toBe(202);
});

it("without a factor takes the password, and nothing less", async () => {
  const one = await somebody({ password: true, factor: false });
  expect((await one.call({})).statusCode).toBe(400);
  expect(await one.isThere()).toBe(true);
  expect((await one.call({ current_password: password })).statusCode).toBe(202);
});

it("with neither, a log-in alone erases nothing", async () => {
  const one = await somebody({ password: false, factor: false });
  const answer = await one.call({});
  expect([answer.statusCode, await one.isThere()]).toEqual([403, true]);
});
