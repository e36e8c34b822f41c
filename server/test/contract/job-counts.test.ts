import { sql } from "kysely";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Database } from "../../src/engines/database/database.ts";
import { createSqlJobsAdmin, stateIndexes } from "../../src/engines/jobs/sql-jobs-admin.ts";
import { systemClock } from "../../src/kernel/clock.ts";
import { chosenPair } from "../support/chosen-pair.ts";
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

test("no state is looked for in the whole table", async () => {
  if (db.engine !== "sqlite") return;
  for (const [state, index] of Object.entries(stateIndexes)) {
    const plan = sql<{
      detail: string;
    }>`explain query plan select sequence from jobs where ${index} and state = ${state}`;
    const { rows } = await plan.execute(db.kysely);
    expect(rows.map(({ detail }) => detail).join()).toMatch(
      /USING (COVERING )?INDEX jobs_(due|finished)_index/,
    );
  }
});

test("jobs are counted by state, and no further than asked", async () => {
  const admin = createSqlJobsAdmin(db, systemClock);
  expect(await admin.counts()).toEqual(held);
  expect(await admin.counts(6)).toEqual({ waiting: 6, running: 2, done: 6, dead: 5 });
});
