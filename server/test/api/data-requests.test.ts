import { afterAll, beforeAll, expect, it } from "vitest";
import { dayMillis } from "../../src/kernel/clock.ts";
import { makePerson, type Person } from "../support/people.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";

/** What people asked for, by when it is due: in its order, page by page, without a gap or a double. */
let site: TestApp;
let root: Person;
const people: Person[] = [];

beforeAll(async () => {
  site = await startTestApp();
  root = await makePerson(site, "rootuser", { is_superuser: 1 });
  for (let at = 0; at < 5; at++) people.push(await makePerson(site, `asker${at}`));
});
afterAll(() => site.close());

async function pagesOf(list: string): Promise<{ user: number }[][]> {
  const pages: { user: number }[][] = [];
  for (let after = ""; ; ) {
    const url = `/admin/data-requests/${list}/?limit=2${after && `&after=${after}`}`;
    const answer = await site.as(root.token)({ url });
    expect(answer.statusCode, answer.body).toBe(200);
    const { results, next } = answer.json();
    pages.push(results);
    if (next === null) return pages;
    after = next;
  }
}

it("lists accounts that wait to be erased, the next first, with who has them wait and why", async () => {
  const { kysely } = site.app.db;
  const now = site.clock.now();
  // Two have the same time: the id decides.
  for (const [at, person] of people.entries()) {
    const due = now + Math.floor(at / 2) * dayMillis;
    await kysely.updateTable("users").set({ deletion_due_at: due }).where("id", "=", person.id).execute();
  }
  const hold = { user_id: people[0]!.id, service: "shop", reason: "an open order", held_at: now };
  const ended = { ...hold, service: "crm", held_until: now - 1 };
  await kysely
    .insertInto("deletion_holds")
    .values([{ ...hold, held_until: now + dayMillis }, ended])
    .execute();
  const pages = await pagesOf("deletions");
  expect(pages.map((page) => page.length)).toEqual([2, 2, 1]);
  expect(pages.flat().map(({ user }) => user)).toEqual(people.map(({ id }) => id));
  const until = new Date(now + dayMillis).toISOString();
  expect(pages[0]![0]).toMatchObject({ holds: [{ service: "shop", reason: "an open order", until }] });
  expect(pages[0]![1]).toMatchObject({ holds: [] });
  await kysely.updateTable("users").set({ deletion_due_at: null }).execute();
});

it("lists exports and numbers that leave, and nothing that is over", async () => {
  const { kysely } = site.app.db;
  const now = site.clock.now();
  for (const [at, { id }] of people.entries()) {
    const asked = { id: `request${at}`, user_id: id, asked_at: now };
    await kysely
      .insertInto("data_exports")
      .values({
        ...{ ...asked, language: "zh", expires_at: now + (at - 1) * dayMillis, bytes: null, sealed: null },
        ready_at: at === 2 ? now : null,
      })
      .execute();
    await kysely
      .insertInto("number_leaves")
      .values({
        ...{ ...asked, credentials_version: 0, due_at: now + at * dayMillis, told_at: null },
        ...{ ended_at: at === 0 ? now : null, ended: at === 0 ? "done" : null, cancelled_by: null },
      })
      .execute();
  }
  const exports = (await pagesOf("exports")).flat();
  expect(exports.map(({ user }) => user)).toEqual(people.slice(2).map(({ id }) => id));
  expect(exports[0]).toMatchObject({ ready: new Date(now).toISOString() });
  const leaves = (await pagesOf("number-leaves")).flat();
  expect(leaves.map(({ user }) => user)).toEqual(people.slice(1).map(({ id }) => id));
});

it("says what is wrong with a cursor that is none", async () => {
  const answer = await site.as(root.token)({ url: "/admin/data-requests/exports/?after=nonsense" });
  expect(answer.statusCode).toBe(400);
  expect(answer.json()).toHaveProperty("after");
});
