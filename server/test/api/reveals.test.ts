import { afterAll, beforeAll, expect, it } from "vitest";
import { makePerson, type Person } from "../support/people.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";

/** Whoever of the staff is shown people unmasked is in the audit log, by whatever route they ask. */
let site: TestApp;
let staff: Person;
let owner: Person;
const maskable: string[] = [];
/** Can be masked and leaves no entry: each would be one more in the list itself, whose readers have a permission of their own. */
const unnoted = "/admin/audit/";

beforeAll(async () => {
  site = await startTestApp({
    async describe(api) {
      api.addHook("onRoute", ({ url, method, schema }) => {
        const canBe = JSON.stringify(schema?.querystring ?? {}).includes('"masked"');
        if (method === "GET" && url.startsWith("/admin/") && canBe) maskable.push(url);
      });
    },
  });
  owner = await makePerson(site, "seenowner1", { email: "seen.owner@example.com" });
  const permissions = ["users.view_user", "users.add_user", "mail.view_mail"];
  staff = await makePerson(site, "seeingstaff", { is_staff: 1, permissions });
  const invited = await site.as(staff.token)({
    ...{ method: "POST", url: "/admin/invitations/", payload: { email: "invited@example.com" } },
  });
  expect(invited.statusCode, invited.body).toBe(201);
  await site.runJobs();
});
afterAll(() => site.close());

const noted = async () => {
  const { kysely } = site.app.db;
  const rows = await kysely
    .selectFrom("audit_entries")
    .select(["action", "actor_id", "target_id", "target", "after"])
    .where("action", "like", "user.reveal%")
    .orderBy("id")
    .execute();
  await kysely.deleteFrom("audit_entries").where("action", "like", "user.reveal%").execute();
  return rows.map(({ after, ...row }) => ({ ...row, after: JSON.parse(after) }));
};

it("each list that a person reads without masking it leaves an entry, and one that is masked leaves none", async () => {
  expect(maskable).toContain(unnoted);
  const lists = maskable.filter((url) => url !== unnoted);
  expect(lists.length).toBeGreaterThanOrEqual(4);
  for (const list of lists) {
    const url = list.replace(":id", String(owner.id));
    const answer = await site.as(staff.token)({ url });
    expect([url, answer.statusCode]).toEqual([url, 200]);
    const by = { actor_id: staff.id };
    const rows = answer.json().results?.length;
    const entry =
      rows === undefined
        ? { ...by, action: "user.reveal", target_id: owner.id, target: "seenowner1", after: { shown: "all" } }
        : { ...by, action: "user.reveal-list", target_id: 0, target: list.split("/")[2], after: { rows } };
    expect([url, await noted()]).toEqual([url, [entry]]);
    expect((await site.as(staff.token)({ url: `${url}?masked=true` })).statusCode).toBe(200);
    expect([url, await noted()]).toEqual([url, []]);
  }
});

it("a list that has nobody, one that is refused, and what a service reads leave none", async () => {
  expect(
    (await site.as(staff.token)({ url: "/admin/users/?search=nobody.is.called.so" })).json().results,
  ).toEqual([]);
  expect((await site.as(owner.token)({ url: "/admin/users/" })).statusCode).toBe(403);
  expect((await site.as(staff.token)({ url: "/admin/users/999999/" })).statusCode).toBe(404);
  const operator = { id: null, name: "command line", requestId: null };
  const { secret } = await site.app.services.add(operator, {
    ...{ name: "reader", scopes: ["users.view_user"], networks: [], lifeSeconds: null },
  });
  const headers = { authorization: `Bearer ${secret}` };
  const read = await site.anonymous({ url: "/admin/users/", headers });
  expect(read.statusCode, read.body).toBe(200);
  expect(await noted()).toEqual([]);
});
