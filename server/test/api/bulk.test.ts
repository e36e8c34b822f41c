import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createGroups } from "../../src/permissions/groups.ts";
import { makePerson, type Person } from "../support/people.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";

/** One change of many accounts: counted, confirmed, done in the background within the limits of who asked. */
let test: TestApp;
let staff: Person;
let people: Person[];
let count = 0;
beforeAll(async () => {
  test = await startTestApp();
  staff = await makePerson(test, "staffuser", {
    ...{ is_staff: 1, permissions: ["users.view_user", "users.change_user", "users.bulk_user"] },
  });
});
afterAll(() => test.close());
beforeEach(async () => {
  count++;
  people = [];
  for (const n of [1, 2, 3]) people.push(await makePerson(test, `batch${count}_${n}`));
});

const ids = () => people.map(({ id }) => id);
const post = (payload: object, end = "") =>
  test.as(staff.token)({ method: "POST", url: `/admin/users/bulk/${end}`, payload });
const wish = (action: string, more: object = {}) => ({
  ...{ action, reason: "thousands of junk accounts", ids: ids(), confirm: ids().length, ...more },
});
const show = async (run: string) => (await test.as(staff.token)({ url: `/admin/users/bulk/${run}/` })).json();
async function done(payload: object) {
  const begun = await post(payload);
  expect(begun.statusCode, begun.body).toBe(202);
  await test.runJobs();
  return show(begun.json().id);
}
const active = async () =>
  Promise.all(people.map(async ({ id }) => (await test.app.users.byId(id))!.is_active));

describe("a bulk change", () => {
  it("disables and enables, each account with its entry, and says what became of them", async () => {
    const run = await done(wish("disable"));
    expect(run).toMatchObject({ actor: "staffuser", total: 3, outcomes: { done: 3 } });
    expect(run.finished_at).not.toBeNull();
    expect(await active()).toEqual([0, 0, 0]);
    const { entries } = await test.app.audit.list({ limit: 5 });
    expect(entries.map(({ action }) => action)).toEqual([
      ...["bulk.end", "user.disable", "user.disable", "user.disable", "bulk.start"],
    ]);
    expect(entries[1]?.actor).toMatchObject({ name: "staffuser", requestId: `bulk ${run.id}` });
    expect((await done(wish("enable"))).outcomes).toEqual({ done: 3 });
    expect(await active()).toEqual([1, 1, 1]);
  });

  it("ends sessions, and puts into a group and out of it without touching other groups", async () => {
    expect((await done(wish("end_tokens"))).outcomes).toEqual({ done: 3 });
    expect((await test.as(people[0]!.token)({ url: "/user/" })).statusCode).toBe(401);
    const groups = createGroups({ db: test.app.db });
    const one = await groups.add(test.app.db, { name: `a${count}`, permissions: [] });
    const other = await groups.add(test.app.db, { name: `b${count}`, permissions: [] });
    await groups.setOfUser(test.app.db, people[0]!.id, [other.id]);
    await done(wish("add_to_group", { group: one.id }));
    const held = async (at: number) => (await groups.ofUser(people[at]!.id)).map(({ id }) => id).sort();
    expect([await held(0), await held(1)]).toEqual([[one.id, other.id], [one.id]]);
    await done(wish("remove_from_group", { group: one.id }));
    expect([await held(0), await held(1)]).toEqual([[other.id], []]);
    expect((await done(wish("add_to_group", { group: 999_999 }))).outcomes).toEqual({ invalid_fields: 3 });
    expect((await post(wish("add_to_group"))).statusCode).toBe(400);
  });

  it("goes by the list's filters, counted first, and refuses where the count is another by now", async () => {
    const filter = { search: `batch${count}_` };
    const counted = await post({ filter }, "count/");
    expect(counted.json()).toEqual({ count: 3 });
    const wrong = await post({ ...wish("disable"), ids: [], filter, confirm: 2 });
    expect([wrong.statusCode, wrong.json().message]).toEqual([409, expect.stringContaining("3")]);
    expect(await active()).toEqual([1, 1, 1]);
    expect((await done({ ...wish("disable"), ids: [], filter })).outcomes).toEqual({ done: 3 });
  });

  it("leaves out oneself and who may do more, and goes on with the rest", async () => {
    const boss = await makePerson(test, `boss${count}`, { is_superuser: 1 });
    const all = [...ids(), boss.id, staff.id];
    const run = await done(wish("disable", { ids: all, confirm: all.length }));
    expect(run.outcomes).toEqual({ done: 3, forbidden: 2 });
    expect((await test.app.users.byId(boss.id))!.is_active).toBe(1);
    const ended = await done(wish("end_tokens", { ids: [...ids(), staff.id], confirm: 4 }));
    expect(ended.outcomes).toEqual({ done: 3, forbidden: 1 });
  });

  it("does nothing more once whoever asked has lost the right to", async () => {
    const helper = await makePerson(test, `helper${count}`, {
      ...{ is_staff: 1, permissions: ["users.view_user", "users.change_user", "users.bulk_user"] },
    });
    const begun = await test.as(helper.token)({
      ...{ method: "POST", url: "/admin/users/bulk/", payload: wish("disable") },
    });
    await test.app.db.kysely.updateTable("users").set({ is_staff: 0 }).where("id", "=", helper.id).execute();
    await test.runJobs();
    expect((await show(begun.json().id)).outcomes).toEqual({ forbidden: 3 });
    expect(await active()).toEqual([1, 1, 1]);
  });

  it("works through more accounts than one piece has", async () => {
    const now = test.clock.now();
    const { id: first } = people[0]!;
    const template = await test.app.db.kysely
      .selectFrom("users")
      .selectAll()
      .where("id", "=", first)
      .executeTakeFirstOrThrow();
    const { id: _, ...row } = template;
    const rows = Array.from({ length: 60 }, (_, n) => ({
      ...row,
      username: `junk${count}_${n}`,
      joined_at: now,
    }));
    await test.app.db.kysely.insertInto("users").values(rows.slice(0, 30)).execute();
    await test.app.db.kysely.insertInto("users").values(rows.slice(30)).execute();
    const filter = { search: `junk${count}_`, match: "contains" };
    const begun = await post({ ...wish("disable"), ids: [], filter, confirm: 60 });
    expect(begun.statusCode, begun.body).toBe(202);
    for (let turn = 0; turn < 4; turn++) await test.runJobs();
    expect((await show(begun.json().id)).outcomes).toEqual({ done: 60 });
  });
});
