import { afterAll, beforeAll, expect, test } from "vitest";
import { fakeClock } from "../../test/support/fake-clock.ts";
import { temporarySqlite } from "../../test/support/sqlite.ts";
import type { Database } from "../database/database.ts";
import { createRateLimit, limitOperation } from "./rate-limit.ts";
import { createSqlKv } from "./sql-kv.ts";

const rule = { name: "login", limit: 3, windowSeconds: 60 };
const clock = fakeClock();
let db: Database;
beforeAll(async () => {
  db = await temporarySqlite();
});
afterAll(() => db.close());

test("lets `limit` tries through, then says how long to wait, then opens again", async () => {
  const limit = createRateLimit(createSqlKv(db, clock));
  for (let i = 0; i < 3; i++) await limit.count(rule, "a");
  clock.advance(20);
  await expect(limit.count(rule, "a")).rejects.toMatchObject({ code: "throttled", retryAfterSeconds: 40 });
  await expect(limit.count(rule, "a")).rejects.toMatchObject({ retryAfterSeconds: 40 });
  clock.advance(40);
  await limit.count(rule, "a");
});

test("other subjects and other rules are not touched", async () => {
  const limit = createRateLimit(createSqlKv(db, clock));
  for (let i = 0; i < 3; i++) await limit.count(rule, "b");
  await limit.count(rule, "c");
  await limit.count({ ...rule, name: "sign-up" }, "b");
  await expect(limit.count(rule, "b")).rejects.toMatchObject({ code: "throttled" });
});

test("counts inside a batch as it does alone", async () => {
  const kv = createSqlKv(db, clock);
  await createRateLimit(kv).count(rule, "d");
  const [outcome] = await kv.batch([limitOperation(rule, "d")]);
  expect(outcome).toMatchObject({ refused: false, count: 2 });
});
