import { sql } from "kysely";
import type { Clock } from "../../kernel/clock.ts";
import { type Db, statement } from "../database/database.ts";

/** The statements on the table `kv_entries`, one for each thing that the verbs of sql-kv.ts do in one step. */
export interface Entry {
  value: string;
  expires_at: number;
}

export const find = statement<{ key: string; now: number }, Entry>("kv.find", (db, { key, now }) =>
  db
    .selectFrom("kv_entries")
    .select(["value", "expires_at"])
    .where("entry_key", "=", key)
    .where("expires_at", ">", now),
);

type Write = { key: string; value: string; expiresAt: number; now: number };

export const put = statement<Omit<Write, "now">, never>("kv.set", (db, { key, value, expiresAt }) =>
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

export const addAbsent = statement<Write, { value: string }>("kv.add", (db, { key, value, expiresAt, now }) =>
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

export const takeOut = statement<{ key: string; now: number }, { value: string }>(
  "kv.take",
  (db, { key, now }) =>
    db.deleteFrom("kv_entries").where("entry_key", "=", key).where("expires_at", ">", now).returning("value"),
);

export const remove = statement<{ key: string }, never>("kv.delete", (db, { key }) =>
  db.deleteFrom("kv_entries").where("entry_key", "=", key),
);

type Increment = { key: string; limit: number; expiresAt: number; now: number };

export const incrementBelow = statement<Increment, { value: string }>("kv.increment", (db, values) => {
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

/** Of a count above one; the last one is `removeLast`. */
export const decrement = statement<{ key: string; now: number }, { value: string }>(
  "kv.decrement",
  (db, { key, now }) =>
    sql<{ value: string }>`
      update kv_entries set value = cast(cast(value as integer) - 1 as text)
      where entry_key = ${key} and expires_at > ${now} and cast(value as integer) > 1
      returning value`.compile(db),
);

export const removeLast = statement<{ key: string }, { value: string }>("kv.decrementLast", (db, { key }) =>
  db.deleteFrom("kv_entries").where("entry_key", "=", key).where("value", "=", "1").returning("value"),
);

const lockText = statement<{ subject: string }, never>("kv.lock", (db, { subject }) =>
  sql`select pg_advisory_xact_lock(hashtextextended(${subject}, 7306))`.compile(db),
);

/**
 * On PostgreSQL two batches that touch the same rows in another order would deadlock; all keys of a batch
 * share one hash tag, so locking that orders them. SQLite has one writer anyway.
 */
export async function lockSubject(transaction: Db, key: string): Promise<void> {
  if (transaction.engine !== "postgres") return;
  await transaction.first(lockText, { subject: subjectIn(key) });
}

/** The hash tag that all keys of a batch share. */
export function subjectIn(key: string): string {
  return /\{([^}]+)\}/.exec(key)?.[1] ?? key;
}

/** Marks that a step of the clock was dealt with; of all processes that notice it one adds it. */
const stepMark = "clock-set-back";
const stepMarkMillis = 30_000;
/** A step is noticed later than it happened, at the next look for jobs. */
const noticeMillis = 30_000;

/**
 * After the clock was set back by `millis`: flags and limits don't last for that time twice. Every process on the
 * database notices the step within seconds, and the first one to say so moves the entries, once. Only those that were
 * good by the old time: a code asked for since the step has its whole life (guard: clock-stepped-processes.test.ts).
 * Returns how many.
 */
export async function moveEntriesNearer(db: Db, millis: number, now: number): Promise<number> {
  return db.transaction(async (transaction) => {
    const mark = { key: stepMark, value: "", expiresAt: now + stepMarkMillis, now };
    // One left by an earlier step lies as far ahead as everything else.
    await transaction.first(forgetFarMark, { key: stepMark, after: now + stepMarkMillis });
    if ((await transaction.first(addAbsent, mark)) === null) return 0;
    return (await transaction.all(nearer, { millis, after: now + millis - noticeMillis, mark: stepMark }))
      .length;
  });
}

const forgetFarMark = statement<{ key: string; after: number }, never>("kv.farMark", (db, { key, after }) =>
  db.deleteFrom("kv_entries").where("entry_key", "=", key).where("expires_at", ">", after),
);

const nearer = statement<{ millis: number; after: number; mark: string }, { entry_key: string }>(
  "kv.nearer",
  (db, { millis, after, mark }) =>
    db
      .updateTable("kv_entries")
      .set((row) => ({ expires_at: row("expires_at", "-", millis) }))
      .where("expires_at", ">", after)
      .where("entry_key", "<>", mark)
      .returning("entry_key"),
);

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
