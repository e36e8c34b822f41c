import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makePerson, password } from "../support/people.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";

/** Accounts that staff delete. */
let site: TestApp;
beforeAll(async () => {
  site = await startTestApp();
});
afterAll(() => site.close());

const logIn = (username: string) =>
  site.anonymous({ method: "POST", url: "/users/authorizations/", payload: { username, password } });
const keep = (step: string) =>
  site.anonymous({ method: "POST", url: "/users/deletion/cancel/", payload: { step } });

describe("by staff", () => {
  const remove = (token: string, id: number, payload: object = { reason: "asked by letter" }) =>
    site.as(token)({ method: "DELETE", url: `/admin/users/${id}/`, payload });

  it("with a reason, which the audit log keeps; the owner is told and may keep the account", async () => {
    const staff = await makePerson(site, "clerk001", {
      is_staff: 1,
      permissions: ["users.delete_user"],
    });
    const target = await makePerson(site, "buyer001", { email: "buyer001@example.com" });
    expect((await remove(staff.token, target.id, {})).statusCode).toBe(400);
    expect((await remove(staff.token, target.id)).statusCode).toBe(202);
    expect((await site.as(target.token)({ url: "/user/" })).statusCode).toBe(401);
    const entry = await site.app.db.kysely
      .selectFrom("audit_entries")
      .selectAll()
      .where("target_id", "=", target.id)
      .where("action", "=", "user.deletion-asked")
      .executeTakeFirstOrThrow();
    expect(entry).toMatchObject({ actor: "clerk001", after: expect.stringContaining("asked by letter") });
    await site.runJobs();
    const told = site.mailbox.filter(({ to }) => to === "buyer001@example.com");
    expect(told.map(({ kind }) => kind)).toContain("deletion_asked");
    expect((await keep((await logIn("buyer001")).json().step)).statusCode).toBe(200);
  });

  it("never oneself, an equal, a superior or nobody", async () => {
    const rights = { is_staff: 1, permissions: ["users.delete_user"] } as const;
    const staff = await makePerson(site, "clerk002", rights);
    const equal = await makePerson(site, "clerk003", rights);
    const root = await makePerson(site, "root0001", { is_superuser: 1 });
    const otherRoot = await makePerson(site, "root0002", { is_superuser: 1 });
    for (const [token, id, status] of [
      [staff.token, staff.id, 403],
      [staff.token, equal.id, 403],
      [staff.token, root.id, 403],
      [root.token, root.id, 403],
      [root.token, otherRoot.id, 403],
      [root.token, 999_999, 404],
      [root.token, equal.id, 202],
    ] as const) {
      expect([id, (await remove(token, id)).statusCode]).toEqual([id, status]);
    }
  });
});
