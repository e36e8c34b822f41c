import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setImmediate as nextTurn } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { systemClock } from "../../kernel/clock.ts";
import { type Database, statement } from "./database.ts";
import { migrate } from "./migrate.ts";
import { openSqlite } from "./sqlite.ts";

const keys = statement("test.viewKeys", (db, _values: Record<never, never>) =>
  db.selectFrom("kv_entries").select("entry_key").orderBy("entry_key"),
);
const insert = statement("test.viewInsert", (db, values: { key: string }) =>
  db
    .insertInto("kv_entries")
    .values({ entry_key: values.key, value: "1", expires_at: 1 })
    .returning("entry_key"),
);

let db: Database;
/** As another process has it. */
let other: DatabaseSync;
let folder: string;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "meiduo-view-"));
  const file = join(folder, "meiduo.sqlite3");
  db = openSqlite(file);
  await migrate(db, systemClock);
  other = new DatabaseSync(file);
});
afterEach(async () => {
  other.close();
  await db.close();
  rmSync(folder, { recursive: true, force: true });
});

const seen = async () => (await db.all(keys, {})).map(({ entry_key }) => entry_key);
const addElsewhere = (key: string) =>
  other.prepare("insert into kv_entries (entry_key, value, expires_at) values (?, '1', 1)").run(key);

test("reads of a turn share a view, and the next turn has its own", async () => {
  db.turnBegan?.();
  const [first, second] = [seen(), seen()];
  addElsewhere("a");
  const third = seen();
  expect(await Promise.all([first, second, third])).toEqual([[], [], []]);
  await nextTurn();
  db.turnBegan?.();
  expect(await seen()).toEqual(["a"]);
});

test("the only read of a turn takes no view, nor do reads outside of turns", async () => {
  const outside = [seen(), seen()];
  addElsewhere("a");
  outside.push(seen());
  expect(await Promise.all(outside)).toEqual([[], [], ["a"]]);
  db.turnBegan?.();
  const alone = seen();
  addElsewhere("b");
  const next = seen();
  expect(await Promise.all([alone, next])).toEqual([["a"], ["a", "b"]]);
});

test("what this process committed is read at once, within the same turn", async () => {
  db.turnBegan?.();
  await Promise.all([seen(), seen()]);
  // Of one microtask after the other: the turn is still the same.
  let isOver = false;
  setImmediate(() => {
    isOver = true;
  });
  await db.kysely.insertInto("kv_entries").values({ entry_key: "a", value: "1", expires_at: 1 }).execute();
  expect(await seen()).toEqual(["a"]);
  expect(isOver).toBe(false);
  await db.transaction(async (transaction) => {
    db.turnBegan?.();
    expect(await seen()).toEqual(["a"]);
    await transaction.first(insert, { key: "b" });
    // Not committed yet.
    expect(await seen()).toEqual(["a"]);
  });
  expect(await seen()).toEqual(["a", "b"]);
});

test("a turn that is over holds nothing up: another process can begin the WAL anew", async () => {
  await db.first(insert, { key: "a" });
  db.turnBegan?.();
  await Promise.all([seen(), seen()]);
  await db.first(insert, { key: "b" });
  await nextTurn();
  expect(other.prepare("pragma wal_checkpoint(truncate)").get()).toMatchObject({ busy: 0 });
});

test("a statement that fails within a view leaves the reads after it as they were", async () => {
  const broken = statement("test.viewBroken", (db, _values: Record<never, never>) =>
    db.selectFrom("nowhere" as "kv_entries").select("entry_key"),
  );
  db.turnBegan?.();
  await Promise.all([seen(), seen()]);
  await expect(db.all(broken, {})).rejects.toThrow("no such table");
  expect(await seen()).toEqual([]);
  await nextTurn();
  addElsewhere("a");
  expect(await seen()).toEqual(["a"]);
});

test("a request sees what another process committed before it was sent, whoever else asks in its turn", async () => {
  const server = createServer(async (request, response) => {
    db.turnBegan?.();
    await seen();
    // From the second read of the turn on there is a view.
    const now = await seen();
    response.end(String(now.includes((request.url ?? "").slice(1))));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const missed: string[] = [];
  async function client(name: number): Promise<void> {
    for (let turn = 0; turn < 10; turn++) {
      const key = `${name}-${turn}`;
      addElsewhere(key);
      const answer = await fetch(`${origin}/${key}`);
      if ((await answer.text()) !== "true") missed.push(key);
    }
  }
  try {
    await Promise.all(Array.from({ length: 16 }, (_, name) => client(name)));
    expect(missed).toEqual([]);
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});
