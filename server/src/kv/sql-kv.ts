import { sql } from "kysely";
import { type Db, statement } from "../database/database.ts";
import type { Clock } from "../lib/clock.ts";
import type { KeyValue, Operation, Outcome } from "./kv.ts";

/**
 * The key-value contract on the table `kv_entries`. Promise: every verb is one SQL statement, so it is atomic
 * without reading first; a batch is one short transaction. An expired row counts as absent and is overwritten
 * in place; `purgeExpiredEntries` removes it later. Never call it inside `Db.transaction`: it is no part of
 * that transaction, and on SQLite it would wait for the writer which that transaction holds.
 */
export function createSqlKv(db: Db, clock: Clock): KeyValue {
  const one = (operation: Operation) => perform(db, operation, clock.now());

  return {
    get: async (key) => (await one({ verb: "get", key })).value,
    set: async (key, value, ttlSeconds) => {
      await one({ verb: "set", key, value, ttlSeconds });
    },
    add: (key, value, ttlSeconds) => one({ verb: "add", key, value, ttlSeconds }),
    take: async (key) => (await one({ verb: "take", key })).value,
    increment: (key, { limit, ttlSeconds }) => one({ verb: "increment", key, limit, ttlSeconds }),
    delete: async (key) => {
      await one({ verb: "delete", key });
    },
    async batch(operations) {
      const [first] = operations;
      if (!first) return [];
      if (operations.length === 1) return [await one(first)];
      return db.transaction(async (transaction) => {
        await lockSubject(transaction, first.key);
        const now = clock.now();
        const outcomes: Outcome[] = [];
        let stopped = false;
        for (const operation of operations) {
          const outcome: Outcome = stopped ? notDone : await perform(transaction, operation, now);
          stopped ||= outcome.refused;
          outcomes.push(outcome);
        }
        return outcomes;
      });
    },
    ping: async () => {
      await db.first(find, { key: "", now: 0 });
    },
    // The database belongs to whoever opened it.
    close: async () => {},
  };
}

const done: Outcome = { refused: false, value: null, count: 0, retryAfterSeconds: 0 };
const notDone: Outcome = { refused: true, value: null, count: 0, retryAfterSeconds: 0 };

interface Entry {
  value: string;
  expires_at: number;
}

const find = statement<{ key: string; now: number }, Entry>("kv.find", (db, { key, now }) =>
  db
    .selectFrom("kv_entries")
    .select(["value", "expires_at"])
    .where("entry_key", "=", key)
    .where("expires_at", ">", now),
);

type Write = { key: string; value: string; expiresAt: number; now: number };

const put = statement<Write, never>("kv.set", (db, { key, value, expiresAt }) =>
  db
    .insertInto("kv_entries")
    .values({ entry_key: key, value, expires_at: expiresAt })
    .onConflict((conflict) =>
      conflict.column("entry_key").doUpdateSet({
        value: (row) => row.ref("excluded.value"),
        expires_at: (row) => row.ref("excluded.expires_at"),
      }),
    ),
);

const addAbsent = statement<Write, { value: string }>("kv.add", (db, { key, value, expiresAt, now }) =>
  db
    .insertInto("kv_entries")
    .values({ entry_key: key, value, expires_at: expiresAt })
    .onConflict((conflict) =>
      conflict
        .column("entry_key")
        .doUpdateSet({
          value: (row) => row.ref("excluded.value"),
          expires_at: (row) => row.ref("excluded.expires_at"),
        })
        .where("kv_entries.expires_at", "<=", now),
    )
    .returning("value"),
);

const takeOut = statement<{ key: string; now: number }, { value: string }>("kv.take", (db, { key, now }) =>
  db.deleteFrom("kv_entries").where("entry_key", "=", key).where("expires_at", ">", now).returning("value"),
);

const remove = statement<{ key: string }, never>("kv.delete", (db, { key }) =>
  db.deleteFrom("kv_entries").where("entry_key", "=", key),
);

type Increment = { key: string; limit: number; expiresAt: number; now: number };

const incrementBelow = statement<Increment, { value: string }>("kv.increment", (db, values) => {
  const { key, limit, expiresAt, now } = values;
  return sql<{ value: string }>`
    insert into kv_entries (entry_key, value, expires_at) values (${key}, '1', ${expiresAt})
    on conflict (entry_key) do update set
      value = case when kv_entries.expires_at <= ${now} then '1'
        else cast(cast(kv_entries.value as integer) + 1 as text) end,
      expires_at = case when kv_entries.expires_at <= ${now} then excluded.expires_at
        else kv_entries.expires_at end
    where kv_entries.expires_at <= ${now} or cast(kv_entries.value as integer) < ${limit}
    returning value`.compile(db);
});

async function perform(db: Db, operation: Operation, now: number): Promise<Outcome> {
  const { key } = operation;
  switch (operation.verb) {
    case "get": {
      const entry = await db.first(find, { key, now });
      return entry ? { ...done, value: entry.value } : done;
    }
    case "take": {
      const entry = await db.first(takeOut, { key, now });
      return entry ? { ...done, value: entry.value } : done;
    }
    case "set": {
      await db.first(put, { key, value: operation.value, expiresAt: expiry(operation.ttlSeconds, now), now });
      return done;
    }
    case "delete":
      await db.first(remove, { key });
      return done;
    case "add": {
      const expiresAt = expiry(operation.ttlSeconds, now);
      const added = await db.first(addAbsent, { key, value: operation.value, expiresAt, now });
      return added ? done : refusal(db, key, now, 0);
    }
    case "increment": {
      const { limit } = operation;
      if (limit < 1) throw new RangeError("the limit of an increment is at least 1");
      const expiresAt = expiry(operation.ttlSeconds, now);
      const entry = await db.first(incrementBelow, { key, limit, expiresAt, now });
      return entry ? { ...done, count: Number(entry.value) } : refusal(db, key, now, limit);
    }
  }
}

function expiry(ttlSeconds: number, now: number): number {
  if (!(ttlSeconds > 0)) throw new RangeError("a time to live is more than 0 seconds");
  return now + Math.ceil(ttlSeconds * 1000);
}

/** Read after the decision: it only says how long to wait, and an entry that went meanwhile means one second. */
async function refusal(db: Db, key: string, now: number, count: number): Promise<Outcome> {
  const entry = await db.first(find, { key, now });
  const retryAfterSeconds = entry ? Math.max(1, Math.ceil((entry.expires_at - now) / 1000)) : 1;
  return { refused: true, value: null, count, retryAfterSeconds };
}

const lockText = statement<{ subject: string }, never>("kv.lock", (db, { subject }) =>
  sql`select pg_advisory_xact_lock(hashtextextended(${subject}, 7306))`.compile(db),
);

/**
 * On PostgreSQL two batches that touch the same rows in another order would deadlock; all keys of a batch
 * share one hash tag, so locking that orders them. SQLite has one writer anyway.
 */
async function lockSubject(transaction: Db, key: string): Promise<void> {
  if (transaction.engine !== "postgres") return;
  await transaction.first(lockText, { subject: /\{([^}]+)\}/.exec(key)?.[1] ?? key });
}

/** Removes up to `limit` expired rows and returns how many; small steps, because SQLite has one writer. */
export async function purgeExpiredEntries(db: Db, clock: Clock, limit = 500): Promise<number> {
  return (await db.all(purge, { now: clock.now(), limit })).length;
}

const purge = statement<{ now: number; limit: number }, { entry_key: string }>(
  "kv.purge",
  (db, { now, limit }) =>
    db
      .deleteFrom("kv_entries")
      .where("entry_key", "in", (expired) =>
        expired.selectFrom("kv_entries").select("entry_key").where("expires_at", "<=", now).limit(limit),
      )
      .where("expires_at", "<=", now)
      .returning("entry_key"),
);
