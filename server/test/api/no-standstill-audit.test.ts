import { afterEach, beforeEach, expect, it } from "vitest";
import { createForgetTyped } from "../../src/audit/forget-typed.ts";
import type { Db } from "../../src/engines/database/database.ts";
import { createLog } from "../../src/kernel/log.ts";
import { insertDeleted } from "../../src/rights/deletion-store.ts";
import { forgetActors } from "../../src/rights/forget-actors.ts";
import { pseudonymise } from "../../src/rights/pseudonymise.ts";
import { purgeErased } from "../../src/rights/purge-erased.ts";
import { makePerson } from "../support/people.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";
import { testSecretKey } from "../support/test-secret-key.ts";
import { turnsDuring } from "../support/turns.ts";

/** The maintenance takes entries out of the audit log few at a time, and others write in between. By counting, never by time. */
let site: TestApp;
const deps = () => ({
  ...{ db: site.app.db, clock: site.clock, secretKeys: [testSecretKey] as const },
  log: createLog("silent"),
});
beforeEach(async () => {
  site = await startTestApp();
});
afterEach(() => site.close());

const gone = 999_999;
const count = 100;
const entries = (over: object) =>
  Array.from({ length: count }, () => ({
    ...{ at: 1, actor_id: null, actor: "(x)", action: "user.change", target_kind: "user", target_id: 1 },
    ...{ target: "user#1", before: "{}", after: '{"first_name":"(erased)"}', request_id: null, ...over },
  }));

/** How much of the work another writer found done, each time that it had its turn. */
async function seenBeside(
  work: () => Promise<unknown>,
  left: (db: Db) => Promise<number>,
): Promise<number[]> {
  const seen: number[] = [];
  let isOver = false;
  const other = async () => {
    while (!isOver) {
      await site.app.db.transaction(async (transaction) => void seen.push(await left(transaction)));
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  const writing = other();
  await work().finally(() => {
    isOver = true;
  });
  await writing;
  return seen;
}

const all = ({ kysely }: Db) => kysely.selectFrom("audit_entries").select("id");

const works = {
  "purging what is left of erased accounts": {
    over: { target_id: gone, target: `user#${gone}` },
    work: () => purgeErased(deps(), 2, count),
    remaining: (db: Db) => all(db).where("target_id", "=", gone).execute(),
  },
  "forgetting who did it": {
    over: { actor_id: gone, actor: `user#${gone}` },
    work: () => forgetActors(deps(), 2, count),
    remaining: (db: Db) => all(db).where("actor_id", "=", gone).execute(),
  },
  "forgetting what was typed": {
    over: { after: '{"reason":"ask somebody@example.com"}' },
    work: () => createForgetTyped({ ...deps(), namesSomebody: () => true })(count),
    remaining: (db: Db) => all(db).where("after", "like", "%somebody@example.com%").execute(),
  },
};

it.each(Object.entries(works))(
  "%s: a writer has its turn after every twenty",
  async (_, { over, work, remaining }) => {
    const { kysely } = site.app.db;
    await insertDeleted(site.app.db, [testSecretKey], { user_id: gone, deleted_at: 1 });
    await kysely.insertInto("audit_entries").values(entries(over)).execute();
    const left = async (db: Db) => (await remaining(db)).length;
    let seen: number[] = [];
    const turns = await turnsDuring(async () => {
      seen = await seenBeside(work, left);
    });
    expect(await left(site.app.db)).toBe(0);
    expect(turns).toBeGreaterThanOrEqual(5);
    // Who reads on PostgreSQL waits for nobody, and may have been slower than two steps.
    if (site.app.db.engine === "postgres") return;
    // Each step is seen between two others: none of them took more.
    const steps = [...new Set(seen)];
    for (const [at, now] of steps.entries()) expect((steps[at - 1] ?? count) - now).toBeLessThanOrEqual(20);
    expect(steps.length).toBeGreaterThanOrEqual(count / 20);
  },
);

it("who wrote notes is forgotten before the last entry, page by page, and nobody waits for it", async () => {
  const { kysely } = site.app.db;
  await insertDeleted(site.app.db, [testSecretKey], { user_id: gone, deleted_at: 1 });
  await kysely
    .insertInto("audit_entries")
    .values(entries({ actor_id: gone, actor: `user#${gone}` }))
    .execute();
  const { id: user_id } = await makePerson(site, "notedone");
  const notes = Array.from({ length: 1200 }, (_, n) => ({
    ...{ id: `note${String(n).padStart(5, "0")}`, user_id, author: `user#${gone}`, created_at: 1, text: "x" },
  }));
  for (const from of [0, 600])
    await kysely
      .insertInto("user_notes")
      .values(notes.slice(from, from + 600))
      .execute();
  const left = async (db: Db) => {
    const noted = db.kysely.selectFrom("user_notes").select("id").where("author", "=", `user#${gone}`);
    const by = all(db).where("actor_id", "=", gone);
    return { notes: (await noted.execute()).length, entries: (await by.execute()).length };
  };
  const seen: Awaited<ReturnType<typeof left>>[] = [];
  await seenBeside(
    () => forgetActors(deps(), 2, count),
    async (db) => seen.push(await left(db)),
  );
  expect(await left(site.app.db)).toEqual({ notes: 0, entries: 0 });
  // An entry leads to them as long as there are any.
  expect(seen.filter((one) => one.notes > 0 && one.entries === 0)).toEqual([]);
  if (site.app.db.engine === "postgres") return;
  const steps = [...new Set(seen.map((one) => one.notes))];
  for (const [at, now] of steps.entries()) expect((steps[at - 1] ?? 1200) - now).toBeLessThanOrEqual(500);
});

it("an erasure goes through entries of invitations as far as nobody took the addresses out of them", async () => {
  const { db, users } = site.app;
  const over = { action: "invitation.create", target_kind: "invitation", target_id: 77, target: "#77" };
  const invited = (email: string) => entries({ ...over, after: JSON.stringify({ email, uses: 1 }) });
  const write = (email: string) =>
    db.kysely
      .insertInto("audit_entries")
      .values([...invited(email), ...invited("else@mail.example"), ...invited("else@mail.example")])
      .execute();
  const { id } = await makePerson(site, "invited01");
  await write("invited@mail.example");
  const erase = async () => {
    let queries = 0;
    await db.transaction(async (transaction) => {
      await users.lock(transaction, id);
      const kysely = new Proxy(transaction.kysely, {
        get(of, name) {
          if (name === "selectFrom") queries++;
          const value = Reflect.get(of, name);
          return typeof value === "function" ? value.bind(of) : value;
        },
      });
      await pseudonymise({ ...transaction, kysely }, id, ["invited@mail.example"]);
    });
    return queries;
  };
  const left = async () => JSON.stringify(await db.kysely.selectFrom("audit_entries").selectAll().execute());
  let queries = 0;
  const turns = await turnsDuring(async () => {
    queries = await erase();
  });
  expect(queries).toBeGreaterThanOrEqual(4);
  expect(turns).toBeGreaterThanOrEqual(1);
  expect(await left()).not.toContain("invited@mail.example");
  await createForgetTyped({ ...deps(), namesSomebody: () => false })(1000);
  site.clock.advance(61);
  await createForgetTyped({ ...deps(), namesSomebody: () => false })(1000);
  expect(await erase()).toBe(3);
  // What a program of before writes beside this one.
  await write("invited@mail.example");
  await erase();
  expect(await left()).not.toContain("invited@mail.example");
});
