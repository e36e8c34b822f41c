import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, expect, test } from "vitest";
import { SqliteWriter } from "./sqlite-writer.ts";

let folder: string;
let connection: DatabaseSync;
let other: DatabaseSync;
let writer: SqliteWriter;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "writer-"));
  const file = join(folder, "test.sqlite");
  connection = new DatabaseSync(file);
  connection.exec("pragma journal_mode = wal; create table t (n integer primary key on conflict abort)");
  other = new DatabaseSync(file);
  writer = new SqliteWriter(connection);
});

afterEach(() => {
  other.close();
  connection.close();
  rmSync(folder, { recursive: true });
});

const insert = (n: number) => connection.prepare("insert into t values (?)").run(n);
/** As another process sees it: committed rows only. */
const committed = () =>
  other
    .prepare("select n from t order by n")
    .all()
    .map((row) => row.n);
const single = { savepoint: false };
const several = { savepoint: true };

test("what resolved is committed, and not before", async () => {
  const seen: unknown[] = [];
  const first = writer.run(() => insert(1), single).then(() => seen.push(committed()));
  const second = writer.run(async () => {
    await null;
    insert(2);
    seen.push(committed());
  }, several);
  await Promise.all([first, second]);
  expect(seen).toEqual([[], [1, 2]]);
});

test("a member that fails takes only its own writes with it", async () => {
  const outcomes = await Promise.allSettled([
    writer.run(() => insert(1), single),
    writer.run(async () => {
      insert(2);
      await null;
      throw new Error("changed my mind");
    }, several),
    writer.run(() => insert(1), single),
    writer.run(async () => {
      insert(3);
      await null;
      insert(4);
    }, several),
  ]);
  expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "rejected", "fulfilled"]);
  expect(committed()).toEqual([1, 3, 4]);
});

test("members never mix: one that waits inside holds the others back", async () => {
  const order: string[] = [];
  await Promise.all([
    writer.run(async () => {
      order.push("first in");
      await new Promise((resolve) => setImmediate(resolve));
      order.push("first out");
    }, several),
    writer.run(() => order.push("second"), single),
  ]);
  expect(order).toEqual(["first in", "first out", "second"]);
});

test("when SQLite rolls everything back, everybody who shared the commit is notified", async () => {
  const outcomes = await Promise.allSettled([
    writer.run(() => insert(1), single),
    writer.run(() => connection.exec("insert or rollback into t values (1)"), several),
  ]);
  expect(outcomes.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  expect(committed()).toEqual([]);
  await writer.run(() => insert(5), single);
  expect(committed()).toEqual([5]);
});

test("a commit that fails rejects everybody, and the next group works", async () => {
  connection.exec(
    "pragma foreign_keys = on; create table child (n references t (n) deferrable initially deferred)",
  );
  const outcomes = await Promise.allSettled([
    writer.run(() => insert(1), single),
    writer.run(() => connection.exec("insert into child values (99)"), single),
  ]);
  expect(outcomes.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  expect(committed()).toEqual([]);
  await writer.run(() => insert(2), single);
  expect(committed()).toEqual([2]);
});

test("a locked database rejects the one that wanted to begin, and the next group works", async () => {
  connection.exec("pragma busy_timeout = 0");
  other.exec("begin immediate");
  await expect(writer.run(() => insert(1), single)).rejects.toThrow(/locked/);
  other.exec("rollback");
  await writer.run(() => insert(2), single);
  expect(committed()).toEqual([2]);
});

test("acquire gives the connection with nothing left open", async () => {
  const written = writer.run(() => insert(1), single);
  const release = await writer.acquire();
  expect(connection.isTransaction).toBe(false);
  expect(committed()).toEqual([1]);
  release();
  await written;
});
