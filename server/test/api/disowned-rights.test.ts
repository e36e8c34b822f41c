import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createDisownTokens } from "../../src/sessions/disown-token.ts";
import { makePerson, type Person, password, tokenOf } from "../support/people.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";
import { testSecretKey } from "../support/test-secret-key.ts";

/** "This wasn't me" in the mails about an export and a deletion: a thief neither carries the data off nor destroys them. */
let test: TestApp;
let owner: Person;
beforeEach(async () => {
  test = await startTestApp();
  owner = await makePerson(test, "python01", { email: "44@qq.com" });
});
afterEach(() => test.close());

const post = (url: string, payload: object, token?: string) =>
  (token === undefined ? test.anonymous : test.as(token))({ method: "POST", url, payload });
const disown = (token: string) => post("/user/sessions/disown/", { token });
const askExport = (token: string) => post("/user/export/", {}, token);
const askDeletion = (token: string) => post("/user/deletion/", { current_password: password }, token);
const logIn = () => post("/users/authorizations/", { username: "python01", password });
const dueAt = async () =>
  (
    await test.app.db.kysely
      .selectFrom("users")
      .select("deletion_due_at")
      .where("id", "=", owner.id)
      .executeTakeFirstOrThrow()
  ).deletion_due_at;
const actions = async () =>
  (await test.app.db.kysely.selectFrom("audit_entries").select("action").execute()).map(
    ({ action }) => action,
  );

/** The link of the last mail of that kind. */
async function linkIn(kind: string): Promise<string> {
  await test.runJobs();
  const mail = test.mailbox.findLast((one) => one.to === "44@qq.com" && one.kind === kind);
  return /\/not-me#(\S+)/.exec(mail?.text ?? "")?.[1] ?? "";
}

describe("a thief with a stolen session asks for everything that is kept", () => {
  it.each(["data_export_asked", "data_export_ready"])(
    "and the link in %s removes the archive",
    async (kind) => {
      const { id } = (await askExport(owner.token)).json();
      const link = await linkIn(kind);
      expect((await test.as(owner.token)({ url: `/user/export/${id}/` })).statusCode, "is ready").toBe(200);
      expect((await disown(link)).json()).toEqual({ message: "OK", mailed: true });
      expect((await test.as(owner.token)({ url: `/user/export/${id}/` })).statusCode).toBe(401);
      // Whoever knows the password and comes in again finds nothing either.
      const again = await tokenOf(test, "python01");
      expect((await test.as(again)({ url: `/user/export/${id}/` })).statusCode).toBe(404);
      expect(await test.app.db.kysely.selectFrom("data_exports").selectAll().execute()).toEqual([]);
      expect(await actions()).toContain("user.exports-withdrawn");
      expect((await askExport(again)).statusCode, "the owner may ask at once").toBe(202);
    },
  );

  it("one that is being made is never finished", async () => {
    await askExport(owner.token);
    const at = test.clock.now();
    const link = createDisownTokens([testSecretKey]).issue({ userId: owner.id, sessionId: "", at });
    expect((await disown(link)).statusCode).toBe(200);
    await test.runJobs();
    expect(test.mailbox.map(({ kind }) => kind)).not.toContain("data_export_ready");
    expect(await test.app.db.kysely.selectFrom("data_exports").selectAll().execute()).toEqual([]);
  });

  it("another account's archive stays", async () => {
    const other = await makePerson(test, "python02", { email: "45@qq.com" });
    await askExport(other.token);
    await askExport(owner.token);
    expect((await disown(await linkIn("data_export_asked"))).statusCode).toBe(200);
    const left = await test.app.db.kysely.selectFrom("data_exports").select("user_id").execute();
    expect(left).toEqual([{ user_id: other.id }]);
  });
});

describe("a thief who knows the password has the account deleted", () => {
  it("and the link of the mail about it keeps the account, and says so", async () => {
    expect((await askDeletion(owner.token)).statusCode).toBe(202);
    expect((await logIn()).json().code).toBe("deletion_pending");
    const link = await linkIn("deletion_asked");
    test.clock.advance(3 * 86_400);
    expect((await disown(link)).json()).toEqual({ message: "OK", mailed: true });
    expect(await dueAt()).toBeNull();
    await test.runJobs();
    const kinds = test.mailbox.map(({ kind }) => kind);
    expect(kinds).toEqual(expect.arrayContaining(["deletion_cancelled", "resetpwd"]));
    expect(await actions()).toEqual(expect.arrayContaining(["user.deletion-cancelled", "session.disowned"]));
    test.clock.advance(8 * 86_400);
    await test.app.maintenance.run();
    await test.runJobs();
    expect((await logIn()).statusCode, "is still there").toBe(200);
  });

  it("and so does the link of the mail about the thief's log-in", async () => {
    await post("/users/authorizations/", { username: "python01", password });
    const link = await linkIn("new_device");
    test.clock.advance(60);
    await askDeletion(await tokenOf(test, "python01"));
    expect((await disown(link)).statusCode).toBe(200);
    expect(await dueAt()).toBeNull();
  });

  it("one that the owner asked for before stays", async () => {
    await askDeletion(owner.token);
    test.clock.advance(60);
    // Of the mail about somebody who was stopped at the second factor, say.
    const at = test.clock.now();
    const link = createDisownTokens([testSecretKey]).issue({ userId: owner.id, sessionId: "", at });
    const before = await dueAt();
    expect((await disown(link)).statusCode).toBe(200);
    expect(await dueAt()).toBe(before);
  });

  it("of a disabled account it stays: staff decide", async () => {
    await askDeletion(owner.token);
    const link = await linkIn("deletion_asked");
    await test.app.db.kysely.updateTable("users").set({ is_active: 0 }).where("id", "=", owner.id).execute();
    expect((await disown(link)).json()).toEqual({ message: "OK", mailed: false });
    expect(await dueAt()).not.toBeNull();
  });
});
