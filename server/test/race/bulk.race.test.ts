import { afterAll, beforeAll, expect, it } from "vitest";
import { createGroups } from "../../src/permissions/groups.ts";
import { makePerson, type Person } from "../support/people.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";

/** A bulk change beside other changes of the same accounts, and two administrators on one account. */
let test: TestApp;
const staff: Person[] = [];
const people: Person[] = [];
beforeAll(async () => {
  test = await startTestApp();
  const permissions = ["users.view_user", "users.change_user", "users.bulk_user"];
  for (const n of [1, 2]) staff.push(await makePerson(test, `staff${n}`, { is_staff: 1, permissions }));
  for (let n = 0; n < 6; n++) people.push(await makePerson(test, `person${n}`));
});
afterAll(() => test.close());

const ids = () => people.map(({ id }) => id);
const start = (by: Person, action: string, more: object = {}) =>
  test.as(by.token)({
    ...{ method: "POST", url: "/admin/users/bulk/" },
    payload: { action, reason: "as asked for", ids: ids(), confirm: ids().length, ...more },
  });

it("is done once for each account, however many work on the run at once", async () => {
  const { id } = (await start(staff[0]!, "disable")).json();
  await Promise.all(Array.from({ length: 4 }, () => test.runJobs()));
  await test.runJobs();
  const entries = await test.app.db.kysely
    .selectFrom("audit_entries")
    .select("action")
    .where("request_id", "=", `bulk ${id}`)
    .execute();
  const counted = entries.map(({ action }) => action);
  expect(counted.filter((action) => action === "user.disable")).toHaveLength(6);
  expect(counted.filter((action) => action === "bulk.end")).toHaveLength(1);
});

it("adds its group without undoing what another administrator sets at that moment", async () => {
  const groups = createGroups({ db: test.app.db });
  const bulk = await groups.add(test.app.db, { name: "bulk", permissions: [] });
  const own = await groups.add(test.app.db, { name: "own", permissions: [] });
  await start(staff[0]!, "add_to_group", { group: bulk.id });
  const both = { groups: [own.id, bulk.id] };
  const set = people.map(({ id }) =>
    test.as(staff[1]!.token)({ method: "PUT", url: `/admin/users/${id}/groups/`, payload: both }),
  );
  await Promise.all([test.runJobs(), ...set]);
  for (const { id } of people) {
    expect((await groups.ofUser(id)).map((one) => one.id).sort()).toEqual([bulk.id, own.id].sort());
  }
});

it("two administrators who disable and enable one account leave it as the later one said, with its reason", async () => {
  const { id } = people[0]!;
  const url = (verb: string) => `/admin/users/${id}/${verb}/`;
  for (let round = 0; round < 6; round++) {
    const [one, other] = await Promise.all([
      test.as(staff[0]!.token)({ method: "POST", url: url("disable"), payload: { reason: "as asked for" } }),
      test.as(staff[1]!.token)({ method: "POST", url: url("enable"), payload: {} }),
    ]);
    expect([one!.statusCode, other!.statusCode]).toEqual([200, 200]);
    const user = (await test.app.users.byId(id))!;
    const reason = await test.app.db.kysely
      .selectFrom("disablings")
      .select("reason")
      .where("user_id", "=", id)
      .execute();
    // A reason for who is in, or none for who is out, would be a change that only half happened.
    expect(reason).toHaveLength(user.is_active === 1 ? 0 : 1);
  }
});

it("an end that has come and a new end leave it disabled until the new one", async () => {
  const { id } = people[1]!;
  for (let round = 0; round < 5; round++) {
    const disable = (days: number) =>
      test.as(staff[0]!.token)({
        ...{ method: "POST", url: `/admin/users/${id}/disable/` },
        payload: { reason: "as asked for", until: new Date(Date.now() + days * 86_400_000).toISOString() },
      });
    await disable(1);
    await test.app.db.kysely
      .updateTable("disablings")
      .set({ ends_at: 1 })
      .where("user_id", "=", id)
      .execute();
    const [answer] = await Promise.all([disable(2), test.app.maintenance.run()]);
    expect(answer.statusCode).toBe(200);
    expect((await test.app.users.byId(id))!.is_active).toBe(0);
  }
});
