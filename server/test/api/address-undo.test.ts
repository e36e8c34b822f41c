import { afterEach, beforeEach, expect, it } from "vitest";
import { createDisownTokens } from "../../src/sessions/disown-token.ts";
import { makePerson, type Person, password, tokenOf } from "../support/people.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";
import { testSecretKey } from "../support/test-secret-key.ts";

let test: TestApp;
let owner: Person;
beforeEach(async () => {
  test = await startTestApp();
  owner = await makePerson(test, "python01", { email: "44@qq.com" });
});
afterEach(() => test.close());

const account = async () => (await test.app.users.byId(owner.id))!;
const link = (at: number) =>
  createDisownTokens([testSecretKey]).issue({ userId: owner.id, sessionId: "thief", at });
const disown = (at: number) =>
  test.anonymous({ method: "POST", url: "/user/sessions/disown/", payload: { token: link(at) } });

/** By somebody who has the password and reads the new address's mail. */
async function changeEmail(email: string) {
  const token = await tokenOf(test, "python01");
  const email_code = await test.codeFor(email, "changeEmail", token);
  const payload = { email, email_code, current_password: password };
  const answer = await test.as(token)({ method: "PUT", url: "/user/email/", payload });
  expect(answer.statusCode, answer.body).toBe(200);
  test.clock.advance(120);
}
async function changeMobile(mobile: string) {
  const payload = { mobile, current_password: password };
  const token = await tokenOf(test, "python01");
  const answer = await test.as(token)({ method: "PATCH", url: "/user/", payload });
  expect(answer.statusCode, answer.body).toBe(200);
  test.clock.advance(1);
}
const logIn = async (username: string) =>
  (await test.anonymous({ method: "POST", url: "/users/authorizations/", payload: { username, password } }))
    .statusCode;

it("puts back the address and the number that there were at the log-in, and mails the code there", async () => {
  await changeMobile("13800000001");
  const stolenAt = test.clock.now();
  await changeEmail("thief@example.com");
  await changeEmail("thief2@example.com");
  await changeMobile("13800000002");
  await test.runJobs();
  test.mailbox.splice(0);
  expect((await disown(stolenAt)).json()).toEqual({ message: "OK", mailed: true });
  expect(await account()).toMatchObject({ email: "44@qq.com", email_verified: 1, mobile: "13800000001" });
  await test.runJobs();
  expect(test.mailbox.map(({ to }) => to)).toEqual(["44@qq.com"]);
  // The names as well.
  expect([await logIn("44@qq.com"), await logIn("13800000001")]).toEqual([200, 200]);
  expect([await logIn("thief2@example.com"), await logIn("13800000002")]).toEqual([400, 400]);
  const [entry] = await test.app.db.kysely.selectFrom("audit_entries").selectAll().execute();
  expect(JSON.parse(entry!.before)).toMatchObject({ email: "thief2@example.com", mobile: "13800000002" });
  expect(JSON.parse(entry!.after)).toMatchObject({ email: "44@qq.com", mobile: "13800000001" });
});

it("leaves what was changed before the log-in, and what an administrator changes", async () => {
  await changeEmail("mine@example.com");
  const at = test.clock.now();
  const root = await makePerson(test, "rootuser", { is_superuser: 1 });
  const url = `/admin/users/${owner.id}/`;
  const payload = { mobile: "13800000003" };
  expect((await test.as(root.token)({ method: "PATCH", url, payload })).statusCode).toBe(200);
  await disown(at);
  expect(await account()).toMatchObject({ email: "mine@example.com", mobile: "13800000003" });
});

it("takes an address from nobody who has it by now", async () => {
  const at = test.clock.now();
  await changeEmail("thief@example.com");
  // As after the time for which a given-up address is held.
  await test.app.db.kysely.deleteFrom("held_names").execute();
  await test.signUp({ username: "python02", email: "44@qq.com" });
  expect((await disown(at)).statusCode).toBe(200);
  expect((await account()).email).toBe("thief@example.com");
  expect((await test.app.users.byEmail("44@qq.com"))?.username).toBe("python02");
});

it("puts back once: a later change by the owner stays", async () => {
  const at = test.clock.now();
  await changeEmail("thief@example.com");
  await disown(at);
  test.clock.advance(1);
  await disown(at);
  await changeEmail("later@example.com");
  expect((await account()).email).toBe("later@example.com");
});

it("keeps what was replaced for seven days", async () => {
  await changeEmail("new@example.com");
  test.clock.advance(7 * 86_400 - 121);
  expect(await test.app.maintenance.run()).toMatchObject({ address_changes: 0 });
  test.clock.advance(121);
  expect(await test.app.maintenance.run()).toMatchObject({ address_changes: 1 });
});
