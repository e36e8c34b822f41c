import { afterAll, beforeAll, expect, it } from "vitest";
import { makePerson, type Person, password } from "../support/people.ts";
import { restartedSite } from "../support/restarted-site.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";
import { testSecretKey } from "../support/test-secret-key.ts";

/** Two servers on one database: a deletion that is asked for while its owner renews tokens, and staff change what the account may do. */
const rounds = 6;
let test: TestApp;
let second: Awaited<ReturnType<typeof restartedSite>>;
let root: Person;
beforeAll(async () => {
  test = await startTestApp();
  second = await restartedSite(test, { secretKey: testSecretKey });
  root = await makePerson(test, "deletionroot", { is_superuser: 1 });
});
afterAll(async () => {
  await second.close();
  await test.close();
});

const at = (server: number) => (server % 2 === 0 ? test : second);
const as = (server: number, { token }: Pick<Person, "token">) =>
  function call(method: "POST" | "PUT" | "PATCH" | "DELETE", url: string, payload: object) {
    return at(server).anonymous({ method, url, payload, headers: { authorization: `JWT ${token}` } });
  };
const dueOf = async (id: number) => (await test.app.users.byId(id))?.deletion_due_at ?? null;

it("tokens that are renewed at that moment are worth nothing afterwards", async () => {
  for (let round = 0; round < rounds; round++) {
    const username = `renewing${round}`;
    const person = await makePerson(test, username);
    const refreshes: string[] = [];
    for (let i = 0; i < 4; i++) {
      const payload = { username, password, refresh: true };
      const entered = await at(i).anonymous({ method: "POST", url: "/users/authorizations/", payload });
      refreshes.push(entered.json().refresh_token);
    }
    const renew = (refresh_token: string, server: number) =>
      at(server).anonymous({ method: "POST", url: "/user/tokens/refresh/", payload: { refresh_token } });
    const [asked, ...renewed] = await Promise.all([
      as(round, person)("POST", "/user/deletion/", { current_password: password }),
      ...refreshes.map((one, i) => renew(one, i)),
    ]);
    expect(asked!.statusCode).toBe(202);
    for (const answer of renewed) {
      expect(answer.statusCode, answer.body).toBeLessThan(500);
      if (answer.statusCode !== 200) continue;
      const { token, refresh_token } = answer.json();
      const own = await test.anonymous({ url: "/user/", headers: { authorization: `JWT ${token}` } });
      expect(own.statusCode).toBe(401);
      if (refresh_token !== undefined) {
        expect((await renew(refresh_token, 1)).statusCode).toBeGreaterThanOrEqual(400);
      }
    }
  }
});

it("a group and a permission that come at that moment bring nobody in, and nobody sees a fault", async () => {
  const { id: group } = await test.app.db.transaction((transaction) =>
    test.app.groups.add(transaction, { name: "leavers", permissions: [] }),
  );
  for (let round = 0; round < rounds; round++) {
    const person = await makePerson(test, `grouped${round}`);
    const answers = await Promise.all([
      as(0, person)("POST", "/user/deletion/", { current_password: password }),
      as(1, root)("PUT", `/admin/users/${person.id}/groups/`, { groups: [group] }),
      as(0, root)("PUT", `/admin/users/${person.id}/permissions/`, { permissions: ["users.view_user"] }),
    ]);
    expect(answers.filter(({ statusCode }) => statusCode >= 400).map(({ body }) => body)).toEqual([]);
    expect(await dueOf(person.id)).not.toBeNull();
    expect((await test.as(person.token)({ url: "/user/" })).statusCode).toBe(401);
  }
});

it("staff delete nobody who became staff before it", async () => {
  const rights = { is_staff: 1, permissions: ["users.delete_user"] } as const;
  const clerk = await makePerson(test, "deletingclerk", rights);
  for (let round = 0; round < rounds; round++) {
    const target = await makePerson(test, `rising${round}`);
    const [removed, raised] = await Promise.all([
      as(0, clerk)("DELETE", `/admin/users/${target.id}/`, { reason: "asked by letter" }),
      as(1, root)("PATCH", `/admin/users/${target.id}/`, { is_staff: true }),
    ]);
    expect([202, 403]).toContain(removed.statusCode);
    expect(raised.statusCode, raised.body).toBe(200);
    const entries = await test.app.db.kysely
      .selectFrom("audit_entries")
      .select("action")
      .where("target_kind", "=", "user")
      .where("target_id", "=", target.id)
      .orderBy("id")
      .execute();
    const actions = entries.map(({ action }) => action).filter((one) => /change|deletion/.test(one));
    const isDeleted = removed.statusCode === 202;
    expect(actions).toEqual(isDeleted ? ["user.deletion-asked", "user.change"] : ["user.change"]);
    expect((await dueOf(target.id)) !== null).toBe(isDeleted);
  }
});
