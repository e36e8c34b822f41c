import { sql } from "kysely";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Database } from "../../src/engines/database/database.ts";
import { createSqlJobsAdmin } from "../../src/engines/jobs/sql-jobs-admin.ts";
import { systemClock } from "../../src/kernel/clock.ts";
import { chosenPair } from "../support/chosen-pair.ts";
import { statementsDuring } from "../support/statement-plans.ts";
import { temporaryDatabase } from "../support/test-engines.ts";

const held = { waiting: 7, running: 2, done: 30, dead: 5 } as const;
let db: Database;

beforeEach(async () => {
  db = await temporaryDatabase(chosenPair());
  const rows = Object.entries(held).flatMap(([state, count]) =>
    Array.from({ length: count }, (_, at) => ({
      ...{ id: `${state}-${at}`, name: "test", payload: "{}", state: state as keyof typeof held },
      ...{ due_at: 1, created_at: 1, deadline_at: null, finished_at: 1, last_error: null },
    })),
  );
  await db.kysely.insertInto("jobs").values(rows).execute();
});
afterEach(() => db.close());

test("no state is looked for in the whole table, and nothing is put in order for a page", async () => {
  if (db.engine !== "sqlite") return;
  const admin = createSqlJobsAdmin(db, systemClock);
  const sent = await statementsDuring(async () => {
    for (const state of Object.keys(held) as (keyof typeof held)[]) await admin.list({ state, limit: 3 });
    await admin.counts(6);
  });
  const reads = sent.filter(({ sql: text }) => text.startsWith("select"));
  // Of two states each have one list.
  expect(reads.length).toBeGreaterThanOrEqual(6);
  for (const { sql: text } of reads) {
    const { rows } = await sql<{ detail: string }>`explain query plan ${sql.raw(text)}`.execute(db.kysely);
    const plan = rows.map(({ detail }) => detail).join("; ");
    expect(plan, text).toMatch(/USING (COVERING )?INDEX jobs_(due|finished)_index/);
    // Those that could be running are few.
    if (!plan.includes("LIST SUBQUERY")) expect(plan, text).not.toContain("TEMP B-TREE");
  }
});

test("each state is listed along its index: what is due last, or ended last, comes first", async () => {
  const admin = createSqlJobsAdmin(db, systemClock);
  const now = systemClock.now();
  for (const [state, column] of [
    ["waiting", "due_at"],
    ["running", "due_at"],
    ["done", "finished_at"],
    ["dead", "finished_at"],
  ] as const) {
    const later = { [column]: now + 1000 };
    await db.kysely.updateTable("jobs").set(later).where("id", "=", `${state}-0`).execute();
    const listed = (await admin.list({ state, limit: 100 })).map(({ id }) => id);
    expect(listed).toHaveLength(held[state]);
    expect([listed[0], listed[1]]).toEqual([`${state}-0`, `${state}-${held[state] - 1}`]);
  }
  // One that waits for its next try is none that runs, whenever it is due.
  await db.kysely
    .updateTable("jobs")
    .set({ due_at: now + 1e9 })
    .where("state", "=", "waiting")
    .execute();
  expect((await admin.list({ state: "running", limit: 100 })).length).toBe(held.running);
  expect((await admin.counts(6)).running).toBe(held.running);
});

test("whoever waits has a turn between the pages of what is about somebody", async () => {
  const rows = Array.from({ length: 1200 }, (_, at) => ({
    ...{ id: `many-${at}`, name: "test", payload: JSON.stringify({ n: at }), state: "done" as const },
    ...{ due_at: 1, created_at: 1, deadline_at: null, finished_at: 1, last_error: null },
  }));
  for (let at = 0; at < rows.length; at += 400) {
    await db.kysely
      .insertInto("jobs")
      .values(rows.slice(at, at + 400))
      .execute();
  }
  const admin = createSqlJobsAdmin(db, systemClock);
  let turns = 0;
  let isOver = false;
  const count = () => {
    turns++;
    if (!isOver) setImmediate(count);
  };
  setImmediate(count);
  const found = await admin.forget((payload) => (payload as { n?: number }).n === 1100);
  isOver = true;
  expect(found).toBe(1);
  // 1,244 rows are two whole pages and a part.
  expect(turns).toBeGreaterThanOrEqual(2);
});

test("jobs are counted by state, and no further than asked", async () => {
  const admin = createSqlJobsAdmin(db, systemClock);
  expect(await admin.counts()).toEqual(held);
  expect(await admin.counts(6)).toEqual({ waiting: 6, running: 2, done: 6, dead: 5 });
});
