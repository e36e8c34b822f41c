import { afterAll, beforeAll, expect, it } from "vitest";
import { createOutbox } from "../../src/engines/jobs/outbox.ts";
import { createLog } from "../../src/kernel/log.ts";
import { createDeletionHolds } from "../../src/rights/deletion-holds.ts";
import { createDeletions } from "../../src/rights/deletions.ts";
import { afterWorkingDays } from "../../src/rights/working-days.ts";
import { makePerson, type Person, tokenOf } from "../support/people.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";

/** A service that was told of a deletion has the erasure wait: with a reason, to an end, and not beyond fifteen working days. */
const day = 24 * 3600;
const operator = { id: null, name: "test", requestId: null };
let test: TestApp;
let secret: string;
let other: string;
beforeAll(async () => {
  test = await startTestApp();
  const make = async (name: string, scope: string) =>
    (await test.app.services.add(operator, { name, scopes: [scope], networks: [], lifeSeconds: null }))
      .secret;
  secret = await make("orders", "users.hold_deletion");
  other = await make("reader", "users.view_user");
});
afterAll(() => test.close());

const call = (method: "PUT" | "DELETE", id: number, payload?: object, by = secret) =>
  test.anonymous({
    ...{ method, url: `/users/${id}/deletion/hold/`, headers: { authorization: `Bearer ${by}` } },
    ...(payload === undefined ? {} : { payload }),
  });
const inDays = (days: number) => new Date(test.clock.now() + days * day * 1000).toISOString();
const hold = (id: number, days: number, by = secret) =>
  call("PUT", id, { reason: "two open orders", until: inDays(days) }, by);
const leave = async (person: Person) => {
  const payload = { current_password: "12345678aA" };
  const answer = await test.as(person.token)({ method: "POST", url: "/user/deletion/", payload });
  expect(answer.statusCode, answer.body).toBe(202);
};
const again = async ({ id, ...person }: Person): Promise<Person> => {
  const { username } = (await test.app.users.byId(id))!;
  return { ...person, id, token: await tokenOf(test, username) };
};
const isThere = async (id: number) => (await test.app.users.byId(id)) !== null;
async function pass(days: number) {
  test.clock.advance(days * day);
  await test.app.maintenance.run();
  await test.runJobs();
}

it("holds until its time, and no longer; silence is no hold", async () => {
  const held = await makePerson(test, "holding1", { email: "h1@example.com" });
  const silent = await makePerson(test, "silent01", { email: "s1@example.com" });
  await leave(held);
  await leave(silent);
  expect((await hold(held.id, 10)).statusCode).toBe(200);
  await pass(8);
  expect([await isThere(held.id), await isThere(silent.id)]).toEqual([true, false]);
  await pass(3);
  expect(await isThere(held.id)).toBe(false);
});

it("ends fifteen working days after the deletion was asked for, whatever is asked for and however often", async () => {
  const person = await makePerson(test, "holding2", { email: "h2@example.com" });
  await leave(person);
  const asked = test.clock.now();
  const { held_until } = (await hold(person.id, 365)).json();
  const days = (Date.parse(held_until) - asked) / (day * 1000);
  expect(asked + days * day * 1000).toBe(afterWorkingDays(asked, 15));
  expect(days).toBeLessThanOrEqual(21);
  await pass(days - 1);
  expect(await isThere(person.id)).toBe(true);
  expect((await hold(person.id, 365)).json().held_until).toBe(held_until);
  await pass(2);
  expect(await isThere(person.id)).toBe(false);
  expect((await hold(person.id, 5)).statusCode).toBe(404);
});

it("is let go by the service that holds, and by no other", async () => {
  const person = await makePerson(test, "holding3", { email: "h3@example.com" });
  expect((await hold(person.id, 5)).json().code ?? (await hold(person.id, 5)).statusCode).toBe(400);
  await leave(person);
  await hold(person.id, 20);
  expect([
    (await hold(person.id, 20, other)).statusCode,
    (await call("DELETE", person.id, undefined, other)).statusCode,
  ]).toEqual([403, 403]);
  expect((await hold(person.id, -1)).statusCode).toBe(400);
  expect((await call("DELETE", person.id)).statusCode).toBe(204);
  expect((await call("DELETE", person.id)).statusCode).toBe(404);
  await pass(8);
  expect(await isThere(person.id)).toBe(false);
});

it("ends then also where the grace was left out, or is another one by now", async () => {
  const atOnce = await makePerson(test, "holding4", { email: "h4@example.com" });
  const changed = await makePerson(test, "holding5", { email: "h5@example.com" });
  const asked = test.clock.now();
  await leave(atOnce);
  await leave(changed);
  const ends = asked + 21 * day * 1000;
  const endOf = async (id: number) => Date.parse((await hold(id, 365)).json().held_until);
  for (const { id } of [atOnce, changed]) expect(await endOf(id)).toBeLessThanOrEqual(ends);
  await pass(7);
  // `manage user delete --now`, of what is held: it is due in that moment.
  const deletions = createDeletions({
    ...{ db: test.app.db, clock: test.clock, log: createLog("silent"), audit: test.app.audit },
    ...{
      jobs: createOutbox({ db: test.app.db, clock: test.clock }),
      users: test.app.users,
      deletionGraceDays: 0,
      tellsNumbers: false,
    },
  });
  const user = (await test.app.users.byId(atOnce.id))!;
  await test.app.db.transaction((transaction) =>
    deletions.ask(transaction, user, { actor: operator, reason: "asked by phone", atOnce: true }),
  );
  await test.runJobs();
  expect(await endOf(atOnce.id)).toBeLessThanOrEqual(ends);
  // As a site that has no grace any more.
  const jobs = createOutbox({ db: test.app.db, clock: test.clock });
  const shorter = createDeletionHolds({
    ...{ db: test.app.db, clock: test.clock, audit: test.app.audit, users: test.app.users, jobs },
  });
  const service = { id: 1, name: "orders", scopes: ["users.hold_deletion"] } as never;
  const until = test.clock.now() + 365 * day * 1000;
  const held = await shorter.hold(service, "r1", { userId: changed.id, reason: "orders", until });
  expect(held).toBeLessThanOrEqual(ends);
  await pass(15);
  expect([await isThere(atOnce.id), await isThere(changed.id)]).toEqual([false, false]);
});

it("that a program from before wrote down nothing of ends no later", async () => {
  const person = await makePerson(test, "holding6", { email: "h6@example.com" });
  await leave(person);
  const asked = test.clock.now();
  const { kysely } = test.app.db;
  await kysely.updateTable("users").set({ deletion_asked_at: null }).where("id", "=", person.id).execute();
  const end = Date.parse((await hold(person.id, 365)).json().held_until);
  expect(end).toBeLessThanOrEqual(asked + 21 * day * 1000);
  await call("DELETE", person.id);
  // It cancelled without the column, and then it was asked for again.
  const cancelled = { deletion_due_at: null, deletion_asked_at: asked - 90 * day * 1000 };
  await kysely.updateTable("users").set(cancelled).where("id", "=", person.id).execute();
  await leave(await again(person));
  expect((await test.app.users.byId(person.id))?.deletion_asked_at).toBe(asked);
});

it("is over with its time or its release, also where the erasure was in the queue when it came", async () => {
  const ended = await makePerson(test, "holding7", { email: "h7@example.com" });
  const released = await makePerson(test, "holding8", { email: "h8@example.com" });
  for (const person of [ended, released]) await leave(person);
  test.clock.advance(7 * day + 1);
  await test.app.maintenance.run();
  for (const { id } of [ended, released]) expect((await hold(id, 0.01)).statusCode).toBe(200);
  await test.runJobs();
  expect([await isThere(ended.id), await isThere(released.id)]).toEqual([true, true]);
  expect((await call("DELETE", released.id)).statusCode).toBe(204);
  await test.runJobs();
  expect([await isThere(ended.id), await isThere(released.id)]).toEqual([true, false]);
  await pass(0.02);
  expect(await isThere(ended.id)).toBe(false);
});

it("comes too late once the owner is being told, and the erasure goes on", async () => {
  let askFromMail: (() => Promise<unknown>) | null = null;
  const sent: string[] = [];
  const slow = await startTestApp({
    mailer: {
      async send({ kind, to }) {
        if (kind !== "account_deleted") return;
        sent.push(to);
        await askFromMail?.();
      },
      verify: async () => {},
      close: async () => {},
    },
  });
  try {
    const service = { name: "orders", scopes: ["users.hold_deletion"], networks: [], lifeSeconds: null };
    const { secret: by } = await slow.app.services.add(operator, service);
    const person = await makePerson(slow, "toolate1", { email: "toolate1@example.com" });
    const payload = { current_password: "12345678aA" };
    await slow.as(person.token)({ method: "POST", url: "/user/deletion/", payload });
    slow.clock.advance(8 * day);
    const answers: { status: number; code: string }[] = [];
    askFromMail = async () => {
      const until = new Date(slow.clock.now() + day * 1000).toISOString();
      const answer = await slow.anonymous({
        ...{ method: "PUT", url: `/users/${person.id}/deletion/hold/`, payload: { reason: "orders", until } },
        headers: { authorization: `Bearer ${by}` },
      });
      answers.push({ status: answer.statusCode, code: answer.json().code });
    };
    await slow.app.maintenance.run();
    await slow.runJobs();
    expect(answers).toEqual([{ status: 409, code: "erasure_under_way" }]);
    expect(sent).toEqual(["toolate1@example.com"]);
    expect(await slow.app.users.byId(person.id)).toBeNull();
  } finally {
    await slow.close();
  }
});

it("a hold and an erasure at once: held and there, or erased and not held", async () => {
  for (let round = 0; round < 8; round++) {
    const person = await makePerson(test, `both0${round}`, { email: `both0${round}@example.com` });
    await leave(person);
    test.clock.advance(8 * day);
    const erase = test.app.maintenance.run().then(() => test.runJobs());
    const [answer] = await Promise.all([hold(person.id, 5), erase]);
    expect(await isThere(person.id)).toBe(answer.statusCode === 200);
    const told = test.mailbox.some(
      ({ kind, to }) => kind === "account_deleted" && to === `both0${round}@example.com`,
    );
    expect(told).toBe(answer.statusCode !== 200);
  }
});
