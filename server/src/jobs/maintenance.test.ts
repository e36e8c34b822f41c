import { afterAll, beforeAll, expect, test } from "vitest";
import { fakeClock } from "../../test/support/fake-clock.ts";
import { capturedLog } from "../../test/support/log.ts";
import { temporarySqlite } from "../../test/support/sqlite.ts";
import type { Database } from "../database/database.ts";
import { createSqlKv } from "../kv/sql-kv.ts";
import { purgeExpiredEntries } from "../kv/sql-kv-entries.ts";
import Type from "../lib/schema.ts";
import { purgeFinishedJobs } from "./job-store.ts";
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
  for (const id of ["a", "b", "fails"]) await local.jobs.enqueue("test.job", {}, { id });
  await local.runner.runDue();
  clock.advance(60);
  await local.jobs.enqueue("test.job", {}, { id: "recent" });
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
