import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { auditLineOf } from "../../src/audit/audit-line.ts";
import { makePerson, type Person, password, tokenOf } from "../support/people.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";

/** Disabling with a reason and an end, and notes on an account. */
const day = 86_400;
let test: TestApp;
let staff: Person;
let user: Person;
let count = 0;
beforeAll(async () => {
  test = await startTestApp();
  const permissions = ["users.view_user", "users.change_user", "users.view_note", "users.change_note"];
  staff = await makePerson(test, "staffuser", { is_staff: 1, permissions });
});
afterAll(() => test.close());
beforeEach(async () => {
  // The clock was moved.
  await renewStaff();
  user = await makePerson(test, `person${++count}`, { email: `person${count}@example.com` });
});

const post = (end: string, payload: object = {}, id = user.id) =>
  test.as(staff.token)({ method: "POST", url: `/admin/users/${id}/${end}`, payload });
const access = async () => (await test.as(staff.token)({ url: `/admin/users/${user.id}/access/` })).json();
const logIn = () =>
  test.anonymous({
    method: "POST",
    url: "/users/authorizations/",
    payload: { username: user.username, password },
  });
const isActive = async (id = user.id) => (await test.app.users.byId(id))?.is_active === 1;
const inDays = (days: number) => new Date(test.clock.now() + days * day * 1000).toISOString();
const entries = async (action: string) =>
  (await test.app.audit.list({ targetKind: "user", targetId: user.id, limit: 50 } as never)).entries.filter(
    (one) => one.action === action,
  );

describe("disabling", () => {
  it("ends the log-ins, says why and until when to staff, and keeps its owner out", async () => {
    const until = inDays(3);
    expect((await post("disable/", { reason: "ticket 17", until })).statusCode).toBe(200);
    expect((await test.as(user.token)({ url: "/user/" })).statusCode).toBe(401);
    expect((await logIn()).statusCode).toBe(400);
    const { disabled, findings } = await access();
    expect(disabled).toMatchObject({ reason: "ticket 17", by: "staffuser", until });
    expect(findings).toContain("disabled");
    expect(await entries("user.disable")).toMatchObject([
      { actor: { name: "staffuser" }, after: { is_active: 0, reason: "ticket 17", until } },
    ]);
  });

  it("comes back by itself at its end, and not before", async () => {
    await post("disable/", { reason: "ticket 18", until: inDays(3) });
    test.clock.advance(3 * day - 60);
    await test.app.maintenance.run();
    expect(await isActive()).toBe(false);
    test.clock.advance(120);
    await test.app.maintenance.run();
    expect(await isActive()).toBe(true);
    expect((await logIn()).statusCode).toBe(200);
    await renewStaff();
    expect((await access()).disabled).toBeNull();
    expect(await entries("user.enable")).toMatchObject([
      { actor: { id: null, name: "(end of the disabling)" } },
    ]);
    const lines = (await entries("user.enable")).map(auditLineOf);
    expect(lines.map(({ actor }) => actor.type)).toEqual(["system"]);
  });

  it("takes another end in the place of the one before, and none where it was let in meanwhile", async () => {
    await post("disable/", { reason: "ticket 19", until: inDays(1) });
    await post("disable/", { reason: "for good", until: inDays(5) });
    expect((await access()).disabled).toMatchObject({ reason: "for good" });
    // As Django's form does it.
    for (const is_active of [true, false]) {
      const url = `/admin/users/${user.id}/`;
      await test.as(staff.token)({ method: "PATCH", url, payload: { is_active } });
    }
    expect((await access()).disabled).toBeNull();
    test.clock.advance(6 * day);
    await test.app.maintenance.run();
    expect(await isActive()).toBe(false);
    await renewStaff();
    expect((await post("enable/")).statusCode).toBe(200);
    expect(await isActive()).toBe(true);
  });

  it.each([["yesterday"], [inPast()], ["2999-01-01T00:00:00Z"]])("refuses the end %s", async (until) => {
    const answer = await post("disable/", { reason: "ticket 20", until });
    expect([answer.statusCode, Object.keys(answer.json())]).toEqual([400, ["until", "message"]]);
    expect(await isActive()).toBe(true);
  });

  it("never of oneself, nor of who may do more, and not without a reason", async () => {
    const boss = await makePerson(test, `boss${count}`, { is_superuser: 1 });
    expect((await post("disable/", { reason: "ticket 21" }, staff.id)).statusCode).toBe(403);
    expect((await post("disable/", { reason: "ticket 21" }, boss.id)).statusCode).toBe(403);
    expect((await post("disable/", { reason: "no" })).statusCode).toBe(400);
    expect((await post("disable/", { reason: "ticket 21" }, 999_999)).statusCode).toBe(404);
  });
});

describe("notes", () => {
  const url = () => `/admin/users/${user.id}/notes/`;
  const list = async () => (await test.as(staff.token)({ url: url() })).json().results;

  it("are written, read and removed; the audit log has who, and never what", async () => {
    const made = (await post("notes/", { text: "Called, wants an invoice" })).json();
    expect(await list()).toEqual([
      { id: made.id, author: "staffuser", text: "Called, wants an invoice", created_at: expect.any(String) },
    ]);
    const gone = await test.as(staff.token)({ method: "DELETE", url: `${url()}${made.id}/` });
    expect([gone.statusCode, await list()]).toEqual([204, []]);
    const all = [...(await entries("user.note")), ...(await entries("user.note-removed"))];
    expect(all).toHaveLength(2);
    expect(JSON.stringify(all)).not.toContain("invoice");
  });

  it("are nobody's who has no permission for them, and another account's are not found here", async () => {
    const few = await makePerson(test, `few${count}`, { is_staff: 1, permissions: ["users.view_user"] });
    expect((await test.as(few.token)({ url: url() })).statusCode).toBe(403);
    const { id } = (await post("notes/", { text: "hers" })).json();
    const other = await makePerson(test, `other${count}`);
    const wrong = await test.as(staff.token)({
      method: "DELETE",
      url: `/admin/users/${other.id}/notes/${id}/`,
    });
    expect([wrong.statusCode, (await list()).length]).toEqual([404, 1]);
  });

  it("are 200 an account at the most", async () => {
    const note = { user_id: user.id, author: "x", text: "y", created_at: test.clock.now() };
    const rows = Array.from({ length: 200 }, (_, i) => ({ id: `${user.id}-${i}`, ...note }));
    await test.app.db.kysely.insertInto("user_notes").values(rows).execute();
    expect((await post("notes/", { text: "one more" })).statusCode).toBe(400);
  });
});

function inPast(): string {
  return "2001-01-01T00:00:00Z";
}

async function renewStaff(): Promise<void> {
  staff.token = await tokenOf(test, staff.username);
}
