import { afterAll, beforeAll, expect, it } from "vitest";
import { makePerson, password, tokenOf } from "../support/people.ts";
import { restartedSite } from "../support/restarted-site.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";
import { testSecretKey } from "../support/test-secret-key.ts";

/** Two servers on one database: an export is asked for once a day, and a deletion leaves no half account, whatever comes at once. */
const times = 20;
let test: TestApp;
let second: Awaited<ReturnType<typeof restartedSite>>;
beforeAll(async () => {
  test = await startTestApp();
  second = await restartedSite(test, { secretKey: testSecretKey });
});
afterAll(async () => {
  await second.close();
  await test.close();
});

const calls = <Answer>(one: (server: number) => Promise<Answer>) =>
  Promise.all(Array.from({ length: times }, (_, i) => one(i)));
const at = (server: number) => (server % 2 === 0 ? test : second);
const post = (server: number, url: string, payload: object, token?: string) =>
  at(server).anonymous({
    ...{ method: "POST", url, payload },
    ...(token === undefined ? {} : { headers: { authorization: `JWT ${token}` } }),
  });
const statuses = (answers: readonly { statusCode: number }[]) =>
  Object.groupBy(answers, ({ statusCode }) => String(statusCode));
const rowsOf = async (id: number, table: "users" | "sessions" | "user_groups" | "data_exports") =>
  (
    await test.app.db.kysely
      .selectFrom(table as "sessions")
      .selectAll()
      .where((table === "users" ? "id" : "user_id") as "user_id", "=", id)
      .execute()
  ).length;
const makeDue = async (id: number) =>
  test.app.db.kysely
    .updateTable("users")
    .set({ deletion_due_at: test.clock.now() })
    .where("id", "=", id)
    .execute();
async function eraseNow() {
  await test.app.maintenance.run();
  await test.runJobs();
}

it("an export asked for by many at once: one", async () => {
  const { id, token } = await makePerson(test, "export01");
  const answers = statuses(await calls((server) => post(server, "/user/export/", {}, token)));
  expect([answers["202"]?.length, answers["429"]?.length]).toEqual([1, times - 1]);
  expect(await rowsOf(id, "data_exports")).toBe(1);
});

it("deletion asked for and logged in to at once: nobody is in afterwards", async () => {
  const { token } = await makePerson(test, "leaving1");
  const payload = { username: "leaving1", password };
  const [asked, ...entered] = await Promise.all([
    post(0, "/user/deletion/", { current_password: password }, token),
    ...Array.from({ length: 6 }, (_, i) => post(i, "/users/authorizations/", payload)),
  ]);
  expect(asked!.statusCode).toBe(202);
  const tokens = entered.filter(({ statusCode }) => statusCode === 200).map((one) => one.json().token);
  for (const given of tokens) {
    const own = await test.anonymous({ url: "/user/", headers: { authorization: `JWT ${given}` } });
    expect(own.statusCode).toBe(401);
  }
});

it("kept by many with steps of their own at once: one cancels it", async () => {
  const { id, token } = await makePerson(test, "keeping1");
  await post(0, "/user/deletion/", { current_password: password }, token);
  const steps: string[] = [];
  for (let i = 0; i < 6; i++) {
    const answer = await post(i, "/users/authorizations/", { username: "keeping1", password });
    steps.push(answer.json().step);
  }
  const kept = await Promise.all(steps.map((step, i) => post(i, "/users/deletion/cancel/", { step })));
  expect(kept.filter(({ statusCode }) => statusCode === 200)).toHaveLength(1);
  const entries = await test.app.db.kysely
    .selectFrom("audit_entries")
    .select("action")
    .where("target_id", "=", id)
    .where("action", "=", "user.deletion-cancelled")
    .execute();
  expect(entries).toHaveLength(1);
});

it("the erasure and whatever else is done with the account at once: all of it is gone, and nobody sees a fault", async () => {
  const root = await makePerson(test, "raceroot", { is_superuser: 1 });
  const { id: group } = await test.app.db.transaction((transaction) =>
    test.app.groups.add(transaction, { name: "racers", permissions: [] }),
  );
  for (let round = 0; round < 5; round++) {
    const username = `erased${round}`;
    const person = await makePerson(test, username);
    const refreshing = await post(0, "/users/authorizations/", { username, password, refresh: true });
    await makeDue(person.id);
    const asRoot = { authorization: `JWT ${root.token}` };
    const answers = await Promise.all([
      at(1).anonymous({
        ...{ method: "PUT", url: `/admin/users/${person.id}/groups/`, payload: { groups: [group] } },
        headers: asRoot,
      }),
      post(0, "/user/tokens/refresh/", { refresh_token: refreshing.json().refresh_token }),
      post(1, "/users/authorizations/", { username, password }),
      post(0, "/user/export/", {}, person.token),
      at(1).anonymous({
        ...{ method: "PATCH", url: `/admin/users/${person.id}/`, payload: { first_name: "三" } },
        headers: asRoot,
      }),
      eraseNow(),
    ]);
    const seen = answers.flatMap((one) => (one === undefined ? [] : [one.statusCode]));
    expect(seen.filter((status) => status >= 500)).toEqual([]);
    await eraseNow();
    const left = ["users", "sessions", "user_groups", "data_exports"] as const;
    for (const table of left) expect([table, await rowsOf(person.id, table)]).toEqual([table, 0]);
  }
  await expect(tokenOf(test, "erased0")).rejects.toThrow(/400/);
});

it("a service's hold and the erasure at once: held, there and not told, or erased, told and answered that it is too late", async () => {
  const operator = { id: null, name: "test", requestId: null };
  const service = { name: "orders", scopes: ["users.hold_deletion"], networks: [], lifeSeconds: null };
  const { secret } = await test.app.services.add(operator, service);
  for (let round = 0; round < 8; round++) {
    const email = `heldrace${round}@example.com`;
    const { id } = await makePerson(test, `heldrace${round}`, { email });
    await makeDue(id);
    const until = new Date(test.clock.now() + 86_400_000).toISOString();
    const erase = test.app.maintenance.run().then(() => test.runJobs());
    // At another moment of the erasure each time.
    await new Promise((resolve) => setTimeout(resolve, round * 3));
    const answer = await at(1).anonymous({
      ...{ method: "PUT", url: `/users/${id}/deletion/hold/`, payload: { reason: "an order", until } },
      headers: { authorization: `Bearer ${secret}` },
    });
    await erase;
    await eraseNow();
    const isHeld = answer.statusCode === 200;
    if (!isHeld) expect([404, 409]).toContain(answer.statusCode);
    const told = test.mailbox.filter((mail) => mail.kind === "account_deleted" && mail.to === email);
    expect([await rowsOf(id, "users"), told.length]).toEqual(isHeld ? [1, 0] : [0, 1]);
  }
});

it("two superusers who leave at once: one stays", async () => {
  const one = await makePerson(test, "lastroot1", { is_superuser: 1 });
  const other = await makePerson(test, "lastroot2", { is_superuser: 1 });
  await test.app.db.kysely
    .updateTable("users")
    .set({ is_superuser: 0 })
    .where("id", "not in", [one.id, other.id])
    .execute();
  const answers = await Promise.all(
    [one, other].map(({ token }, i) => post(i, "/user/deletion/", { current_password: password }, token)),
  );
  expect(answers.map(({ statusCode }) => statusCode).toSorted()).toEqual([202, 400]);
});
