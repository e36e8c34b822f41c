import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { begin, impersonationOn, impersonationUrl, makeHelper } from "../support/impersonation.ts";
import { makePerson, type Person } from "../support/people.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";

/**
 * Acting in an owner's place beside what ends it: whichever comes first, nobody is left with a token of an account that is disabled or
 * staff's, or by whoever is disabled; and of many at once one acts.
 */
let test: TestApp;
let root: Person;
let count = 0;
let helper: Person;
let user: Person;
beforeAll(async () => {
  test = await startTestApp({ env: { ...impersonationOn, DATABASE_POOL_SIZE: "4" } });
  root = await makePerson(test, "rootuser", { is_superuser: 1 });
});
afterAll(() => test.close());
beforeEach(async () => {
  count++;
  helper = await makeHelper(test, `helper${count}`);
  user = await makePerson(test, `owner${count}`, { email: `owner${count}@example.com` });
});

const rounds = 6;
const change = (id: number, payload: object) =>
  test.as(root.token)({ method: "PATCH", url: `/admin/users/${id}/`, payload });
const isIn = async (token: string) => (await test.as(token)({ url: "/user/" })).statusCode === 200;
const liveRows = async (id: number) => {
  const rows = await test.app.db.kysely
    .selectFrom("sessions")
    .select("id")
    .where("user_id", "=", id)
    .where("impersonator_id", "is not", null)
    .where("ended_at", "is", null)
    .execute();
  return rows.length;
};

/** Both at once, in either order; then nobody is in, and nobody comes back in once it is undone. */
async function againstEnd(end: () => Promise<unknown>, undo: () => Promise<unknown>): Promise<void> {
  for (let round = 0; round < rounds; round++) {
    const both = [() => begin(test, helper, user.id), end];
    if (round % 2 === 1) both.reverse();
    const answers = await Promise.all(both.map((one) => one()));
    const begun = answers[round % 2] as Awaited<ReturnType<typeof begin>>;
    expect([201, 401, 403, 409]).toContain(begun.statusCode);
    const token = begun.statusCode === 201 ? begun.json().token : null;
    if (token !== null) expect(await isIn(token)).toBe(false);
    await undo();
    if (token !== null) expect(await isIn(token)).toBe(false);
    expect((await test.as(root.token)({ url: impersonationUrl(user.id) })).json().under_way).toEqual([]);
  }
}

it("against the account's disabling", () =>
  againstEnd(
    () => change(user.id, { is_active: false }),
    () => change(user.id, { is_active: true }),
  ));

it("against the account becoming staff", () =>
  againstEnd(
    () => change(user.id, { is_staff: true }),
    () => change(user.id, { is_staff: false }),
  ));

it("against the disabling of whoever acts", () =>
  againstEnd(
    () => change(helper.id, { is_active: false }),
    async () => {
      await change(helper.id, { is_active: true });
      // Their own session is over, too: the next round is somebody else's.
      helper = await makeHelper(test, `next${++count}`);
    },
  ));

it("of many by one, in many accounts, one is left", async () => {
  const owners = [user];
  for (let i = 0; i < 5; i++) owners.push(await makePerson(test, `further${count}n${i}`));
  const answers = await Promise.all(owners.map(({ id }) => begin(test, helper, id)));
  const tokens = answers.filter(({ statusCode }) => statusCode === 201).map((one) => one.json().token);
  expect(tokens.length).toBeGreaterThan(0);
  const inside = await Promise.all(tokens.map(isIn));
  expect(inside.filter(Boolean)).toHaveLength(1);
});

it("of many in one account, by as many, one acts and the others are told", async () => {
  const helpers = [helper];
  for (let i = 0; i < 5; i++) helpers.push(await makeHelper(test, `many${count}n${i}`));
  const answers = await Promise.all(helpers.map((one) => begin(test, one, user.id)));
  const statuses = answers.map(({ statusCode }) => statusCode).sort();
  expect(statuses).toEqual([201, 409, 409, 409, 409, 409]);
  expect(await liveRows(user.id)).toBe(1);
});

it("of many ends at once, one writes the entry", async () => {
  expect((await begin(test, helper, user.id)).statusCode).toBe(201);
  const end = (token: string) => test.as(token)({ method: "DELETE", url: impersonationUrl(user.id) });
  const answers = await Promise.all([helper, root, helper, root].map(({ token }) => end(token)));
  const statuses = answers.map(({ statusCode }) => statusCode);
  expect(statuses.filter((one) => one === 204)).toHaveLength(1);
  expect(statuses.filter((one) => one === 404)).toHaveLength(3);
  const { entries } = await test.app.audit.list({ targetKind: "user", targetId: user.id, limit: 20 });
  expect(entries.filter(({ action }) => action === "user.impersonate-end")).toHaveLength(1);
});
