import { afterAll, beforeAll, expect, test } from "vitest";
import { fakeClock } from "../../../test/support/fake-clock.ts";
import { temporarySqlite } from "../../../test/support/sqlite.ts";
import type { Database } from "../database/database.ts";
import { createRateLimit } from "./rate-limit.ts";
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

test("tells whether it is full without counting, and forgets", async () => {
  const limit = createRateLimit(createSqlKv(db, clock));
  for (let i = 0; i < 2; i++) await limit.count(rule, "d");
  for (let i = 0; i < 5; i++) expect(await limit.isFull(rule, "d")).toBe(false);
  await limit.count(rule, "d");
  expect(await limit.isFull(rule, "d")).toBe(true);
  await limit.forget(rule, "d");
  expect(await limit.isFull(rule, "d")).toBe(false);
  await limit.count(rule, "d");
});

test("gives one try back at a time, and none that was not counted", async () => {
  const limit = createRateLimit(createSqlKv(db, clock));
  await limit.giveBack(rule, "f");
  for (let i = 0; i < 3; i++) await limit.count(rule, "f");
  await limit.giveBack(rule, "f");
  await limit.count(rule, "f");
  await expect(limit.count(rule, "f")).rejects.toMatchObject({ code: "throttled" });
});

test("a limit of 0 is none", async () => {
  const limit = createRateLimit(createSqlKv(db, clock));
  const none = { ...rule, limit: 0 };
  await limit.giveBack(none, "e");
  for (let i = 0; i < 10; i++) await limit.count(none, "e");
  expect(await limit.isFull(none, "e")).toBe(false);
});

test("several rules count in one step, and what one refuses those behind it don't count", async () => {
  const limit = createRateLimit(createSqlKv(db, clock));
  const hour = { name: "hour", limit: 2, windowSeconds: 3600 };
  const day = { name: "day", limit: 3, windowSeconds: 86_400 };
  const none = { name: "none", limit: 0, windowSeconds: 60 };
  const all = [hour, none, day];
  for (let i = 0; i < 2; i++) await limit.countAll(all, "g");
  for (let i = 0; i < 9; i++) {
    await expect(limit.countAll(all, "g")).rejects.toMatchObject({ retryAfterSeconds: 3600 });
  }
  clock.advance(3600);
  await limit.countAll(all, "g");
  await expect(limit.countAll(all, "g")).rejects.toMatchObject({ retryAfterSeconds: 86_400 - 3600 });
  await limit.forgetAll(all, "g");
  await limit.countAll(all, "g");
  await limit.countAll([none], "g");
});
