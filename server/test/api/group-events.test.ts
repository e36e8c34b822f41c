import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { makePerson, type Person } from "../support/people.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";

/** What changes a group changes what reading its members answers: who keeps them is told of the group. */
let test: TestApp;
let root: Person;
let endpoint: number;
const operator = { id: null, name: "op (manage)", requestId: null };
beforeAll(async () => {
  test = await startTestApp();
  root = await makePerson(test, "rootuser", { is_superuser: 1 });
});
afterAll(() => test.close());
beforeEach(async () => {
  for (const { id } of await test.app.webhooks.list()) await test.app.webhooks.remove(operator, id);
  endpoint = (await test.app.webhooks.add(operator, { url: "https://crm.example/in", events: [] })).endpoint
    .id;
});

async function byRoot(method: "POST" | "PUT" | "PATCH" | "DELETE" | "GET", url: string, payload?: object) {
  const answer = await test.as(root.token)({ method, url, ...(payload === undefined ? {} : { payload }) });
  expect(answer.statusCode, answer.body).toBeLessThan(300);
  return answer.body === "" ? null : answer.json();
}
/** Of groups and what their members have, the oldest first. */
async function told() {
  const all = await test.app.webhooks.deliveries(endpoint, { limit: 50 });
  const rows = all.filter(({ type }) => type === "group.changed" || type === "user.updated");
  return rows.reverse().map(({ type, user_id, body }) => ({ type, user_id, data: JSON.parse(body).data }));
}

it("a rename, other permissions and the removal are told by the group's id, and the making is not", async () => {
  const { id } = await byRoot("POST", "/admin/groups/", { name: "客服", permissions: [] });
  const { id: member } = await makePerson(test, "member01");
  await byRoot("PUT", `/admin/users/${member}/groups/`, { groups: [id] });
  const of = async () =>
    (await byRoot("GET", `/admin/users/${member}/`)) as { groups: object[]; version: number };
  const before = await of();
  await byRoot("PATCH", `/admin/groups/${id}/`, { name: "客服二组" });
  expect((await of()).groups).toEqual([{ id, name: "客服二组" }]);
  await byRoot("PATCH", `/admin/groups/${id}/`, { permissions: ["users.view_user"] });
  await byRoot("DELETE", `/admin/groups/${id}/`);
  expect(await of()).toMatchObject({ groups: [], version: before.version });
  const about = { type: "group.changed", user_id: null, data: { group_id: id } };
  expect(await told()).toEqual([
    { type: "user.updated", user_id: member, data: { user_id: member, version: before.version } },
    ...[about, about, about],
  ]);
});

it("what changes nothing is told to nobody", async () => {
  const { id } = await byRoot("POST", "/admin/groups/", { name: "仓库", permissions: [] });
  await byRoot("PATCH", `/admin/groups/${id}/`, { name: "仓库", permissions: [] });
  expect(await told()).toEqual([]);
});

it("two groups of one transaction are two events, and one that is changed twice there is one", async () => {
  const { audit, db } = test.app;
  await db.transaction(async (transaction) => {
    for (const [at, targetId] of [7, 8, 7].entries()) {
      const about = { action: "group.change", targetKind: "group", targetId, target: "x" } as const;
      await audit.record(transaction, operator, {
        ...about,
        before: { name: "x" },
        after: { name: `y${at}` },
      });
    }
  });
  expect((await told()).map(({ data }) => data)).toEqual([{ group_id: 7 }, { group_id: 8 }]);
});
