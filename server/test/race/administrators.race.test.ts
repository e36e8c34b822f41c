import { afterAll, beforeAll, expect, it } from "vitest";
import { makePerson, type Person } from "../support/people.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";

/** Many changes at once by an administrator who is no superuser, with fewer connections than changes. */
let server: TestApp;
let staff: Person;
const count = 12;
beforeAll(async () => {
  server = await startTestApp({ env: { DATABASE_POOL_SIZE: "2" } });
  const permissions = ["users.view_user", "users.change_user", "auth.change_group", "auth.add_group"];
  staff = await makePerson(server, "staffuser", { is_staff: 1, permissions });
});
afterAll(() => server.close());

const byStaff = (method: "PATCH" | "PUT" | "POST", url: string, payload: object) =>
  server.as(staff.token)({ method, url, payload });

it("none waits for a connection that another holds while it waits itself", async () => {
  const people: Person[] = [];
  for (let i = 0; i < count; i++) people.push(await makePerson(server, `person${i}`));
  const rounds = [
    () => people.map(({ id }, i) => byStaff("PATCH", `/admin/users/${id}/`, { last_name: `n${i}` })),
    () =>
      people.map(({ id }) =>
        byStaff("PUT", `/admin/users/${id}/permissions/`, { permissions: ["users.view_user"] }),
      ),
    () =>
      people.map((_, i) =>
        byStaff("POST", "/admin/groups/", { name: `g${i}`, permissions: ["auth.add_group"] }),
      ),
    () => people.map(({ id }) => byStaff("POST", `/admin/users/${id}/end-tokens/`, {})),
  ];
  for (const round of rounds) {
    const answers = await Promise.all(round());
    expect(new Set(answers.map(({ statusCode }) => Math.floor(statusCode / 100)))).toEqual(new Set([2]));
  }
});

it("what is granted in the middle of a change does not count for it: nobody promotes a group they are in", async () => {
  const group = (await byStaff("POST", "/admin/groups/", { name: "own", permissions: [] })).json();
  await server.app.db.kysely
    .insertInto("user_groups")
    .values({ user_id: staff.id, group_id: group.id })
    .execute();
  const wanted = { permissions: ["auth.delete_group"] };
  const answers = await Promise.all(
    Array.from({ length: 4 }, () => byStaff("PATCH", `/admin/groups/${group.id}/`, wanted)),
  );
  expect(answers.map(({ statusCode }) => statusCode)).toEqual([403, 403, 403, 403]);
  const mine = (await server.as(staff.token)({ url: "/user/permissions/" })).json().permissions;
  expect(mine).not.toContain("auth.delete_group");
});
