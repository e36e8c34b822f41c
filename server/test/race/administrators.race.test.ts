import { setTimeout as wait } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { makePerson, type Person } from "../support/people.ts";
import { switchOnSecondFactor } from "../support/second-factor.ts";
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

it.each([
  ["second-factor/reset", { reason: "lost the phone" }],
  ["disable", { reason: "as asked for" }],
  ["end-tokens", {}],
] as const)("%s of an account that becomes a superuser at that moment is refused", async (verb, payload) => {
  const person = await makePerson(server, `promoted${verb.replaceAll(/\W/g, "")}`);
  await switchOnSecondFactor(server, person.username);
  const version = async () => (await server.app.users.byId(person.id))!.credentials_version;
  const before = await version();
  const answer = await server.app.db.transaction(async ({ kysely }) => {
    await kysely.updateTable("users").set({ is_superuser: 1 }).where("id", "=", person.id).execute();
    const asked = byStaff("POST", `/admin/users/${person.id}/${verb}/`, payload);
    // Long enough that it has seen the account as it was, where the engine lets it.
    await wait(300);
    return { asked };
  });
  expect((await answer.asked).statusCode).toBe(403);
  expect(await version()).toBe(before);
});
