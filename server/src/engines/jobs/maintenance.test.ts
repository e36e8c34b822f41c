import { afterAll, beforeAll, expect, test } from "vitest";
import { fakeClock } from "../../../test/support/fake-clock.ts";
import { capturedLog } from "../../../test/support/log.ts";
import { recordingJob } from "../../../test/support/recording-job.ts";
import { temporarySqlite } from "../../../test/support/sqlite.ts";
import { emptyJob } from "../../../test/support/test-jobs.ts";
import Type from "../../kernel/schema/schema.ts";
import type { Database } from "../database/database.ts";
import { createSqlKv } from "../kv/sql-kv.ts";
import { purgeExpiredEntries } from "../kv/sql-kv-entries.ts";
import { deadLetters, purgeDeadLetters, purgeFinishedJobs } from "./job-store.ts";
import { createLocalJobs } from "./local-runner.ts";
import { createMaintenance } from "./maintenance.ts";

let db: Database;
beforeAll(async () => {
  db = await temporarySqlite();
});
afterAll(() => db.close());

test("removes expired entries and finished jobs in steps, and nothing that is still good", async () => {
  const clock = fakeClock();
  const kv = createSqlKv(db, clock);
  for (let i = 0; i < 25; i++) await kv.set(`short-${i}`, "x", 10);
  await kv.set("long", "kept", 1000);
  const definition = {
    name: "test.job",
    payload: Type.Object({}),
    attempts: 1,
    backoffSeconds: 1,
    backoffLimitSeconds: 1,
    handler: async (_: unknown, run: { id: string }) => {
      if (run.id === "fails") throw new Error("no");
    },
  };
  const log = capturedLog();
  const local = createLocalJobs({ db, clock, log, definitions: [definition] });
  for (const id of ["a", "b", "fails"]) await local.jobs.enqueue(emptyJob("test.job"), {}, { id });
  await local.runner.runDue();
  clock.advance(60);
  await local.jobs.enqueue(emptyJob("test.job"), {}, { id: "recent" });
  await local.runner.runDue();

  const maintenance = createMaintenance({
    log,
    stepRows: 10,
    purges: [
      { name: "kv", remove: (limit) => purgeExpiredEntries(db, clock, limit) },
      { name: "jobs", remove: (limit) => purgeFinishedJobs(db, clock.now() - 30_000, limit) },
    ],
  });
  expect(await maintenance.run()).toEqual({ kv: 25, jobs: 2 });
  expect(await kv.get("long")).toBe("kept");
  expect((await local.admin.list({ limit: 10 })).map((job) => job.id).sort()).toEqual(["fails", "recent"]);
  expect(await maintenance.run()).toEqual({ kv: 0, jobs: 0 });
});

test("dead letters go after their time, and the oldest of too many at once", async () => {
  const clock = fakeClock();
  const dead = async (id: string, finished_at: number) =>
    db.kysely
      .insertInto("jobs")
      .values({ id, name: "test.dead", payload: "{}", created_at: 0, due_at: 0, state: "dead", finished_at })
      .execute();
  await db.kysely.deleteFrom("jobs").execute();
  await dead("old", clock.now() - deadLetters.keepMillis - 1);
  await dead("young", clock.now() - deadLetters.keepMillis + 60_000);
  expect(await purgeDeadLetters(db, clock.now())).toBe(1);
  const ids = async () => (await db.kysely.selectFrom("jobs").select("id").execute()).map((row) => row.id);
  expect(await ids()).toEqual(["young"]);
  const rows = Array.from({ length: deadLetters.most + 2 }, (_, i) => ({
    ...{
      id: `many-${i}`,
      name: "test.dead",
      payload: "{}",
      created_at: 0,
      due_at: 0,
      state: "dead" as const,
    },
    finished_at: clock.now() + i,
  }));
  for (let i = 0; i < rows.length; i += 1000) {
    await db.kysely
      .insertInto("jobs")
      .values(rows.slice(i, i + 1000))
      .execute();
  }
  expect(await purgeDeadLetters(db, clock.now(), 2)).toBe(2);
  expect(await purgeDeadLetters(db, clock.now(), 500)).toBe(1);
  expect((await ids()).filter((id) => ["young", "many-0", "many-1"].includes(id))).toEqual([]);
  expect(await ids()).toHaveLength(deadLetters.most);
});

test("a job whose payload can't be read is a dead letter at once", async () => {
  await db.kysely.deleteFrom("jobs").execute();
  const definition = { ...recordingJob("test.notice").definition };
  const local = createLocalJobs({ db, clock: fakeClock(), log: capturedLog(), definitions: [definition] });
  await db.kysely
    .insertInto("jobs")
    .values({
      id: "cut-off",
      name: "test.notice",
      payload: '{"to":',
      created_at: 0,
      due_at: 0,
      state: "waiting",
    })
    .execute();
  await local.runner.runDue();
  const [letter] = await local.admin.list({ state: "dead", limit: 10 });
  expect(letter).toMatchObject({
    id: "cut-off",
    attempts: 1,
    lastError: expect.stringContaining("not JSON"),
  });
});

test("one purge that fails is logged and doesn't keep the others from their work", async () => {
  const log = capturedLog();
  const maintenance = createMaintenance({
    log,
    purges: [
      {
        name: "broken",
        remove: async () => {
          throw new Error("engine away");
        },
      },
      { name: "good", remove: async () => 3 },
    ],
  });
  expect(await maintenance.run()).toEqual({ broken: 0, good: 3 });
  expect(log.lines.filter((line) => line.level === "error").map((line) => line.fields.purge)).toEqual([
    "broken",
  ]);
});
