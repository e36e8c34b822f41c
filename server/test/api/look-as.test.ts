import { afterAll, beforeAll, expect, it } from "vitest";
import { makeHelper } from "../support/impersonation.ts";
import { makePerson, type Person } from "../support/people.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";

/** Looking at an account as its owner sees it: the same answers, no token, and an entry that says who looked and why. */
let test: TestApp;
let helper: Person;
let user: Person;
beforeAll(async () => {
  test = await startTestApp();
  helper = await makeHelper(test, "helper");
  user = await makePerson(test, "lookedat", { email: "lookedat@example.com" });
});
afterAll(() => test.close());

const look = (id: number, staff = helper, payload: object = { reason: "ticket 17" }) =>
  test.as(staff.token)({ method: "POST", url: `/admin/users/${id}/look-as/`, payload });

it("answers what the owner's own pages are answered, with the switch off, too", async () => {
  const answer = await look(user.id);
  expect(answer.statusCode, answer.body).toBe(200);
  const own = async (path: string) => (await test.as(user.token)({ url: `/user/${path}` })).json();
  const [profile, { sessions }, { log_ins, refused }, { bindings }, { passkeys }, { consents }] =
    await Promise.all(
      ["", "sessions/", "log-ins/", "bindings/", "passkeys/", "consents/"].map((path) => own(path)),
    );
  const { required: _, ...second_factor } = await own("second-factor/");
  const notCurrent = sessions.map((one: object) => ({ ...one, current: false }));
  const shown = answer.json();
  expect(shown.sessions).toHaveLength(1);
  expect(shown).toEqual({
    ...{ profile, sessions: notCurrent, log_ins, refused, bindings, second_factor, passkeys, consents },
  });
  expect(shown.profile.email).toBe("lookedat@example.com");
  expect(answer.headers["cache-control"]).toBe("no-store");
});

it("gives no token, and writes down who looked, with the reason", async () => {
  const before = await test.app.db.kysely.selectFrom("sessions").select("id").execute();
  const answer = await look(user.id, helper, { reason: "ticket 18" });
  expect(answer.body).not.toMatch(/token|eyJ/);
  expect(answer.headers["set-cookie"]).toBeUndefined();
  expect(await test.app.db.kysely.selectFrom("sessions").select("id").execute()).toEqual(before);
  const { entries } = await test.app.audit.list({ targetKind: "user", targetId: user.id, limit: 1 });
  expect(entries).toMatchObject([
    { action: "user.look-as", actor: { id: helper.id, name: "helper" }, after: { reason: "ticket 18" } },
  ]);
});

it("is refused without a reason or the permission, and of whoever may do more", async () => {
  const clerk = await makePerson(test, "clerk", { is_staff: 1, permissions: ["users.view_user"] });
  const root = await makePerson(test, "rootuser", { is_superuser: 1 });
  expect((await look(user.id, helper, {})).statusCode).toBe(400);
  expect((await look(user.id, clerk)).statusCode).toBe(403);
  expect((await look(root.id)).statusCode).toBe(403);
  expect((await look(999_999)).statusCode).toBe(404);
  expect((await look(clerk.id, root)).statusCode).toBe(200);
});
