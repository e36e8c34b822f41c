import { sql } from "kysely";
import type { StoredAccount } from "../../accounts/record.ts";
import type { Db } from "../../engines/database/database.ts";
import { readFacts } from "./import-record.ts";

/** What the importer asks the database of this server. */
export async function findStoredAccounts(
  db: Db,
  ids: readonly number[],
): Promise<Map<number, StoredAccount>> {
  const found = new Map<number, StoredAccount>();
  for (const part of parts(ids)) {
    const rows = await db.kysely.selectFrom("users").selectAll().where("id", "in", part).execute();
    for (const row of rows) found.set(row.id, row);
  }
  return found;
}

export type Range = readonly [from: number, to: number];

/** What earlier imports took over of the accounts in the range. */
export async function findRecords(db: Db, [from, to]: Range): Promise<Map<number, Set<string>>> {
  const rows = await db.kysely
    .selectFrom("django_imports")
    .selectAll()
    .where("user_id", ">=", from)
    .where("user_id", "<=", to)
    .execute();
  return new Map(rows.map(({ user_id, facts }) => [user_id, readFacts(facts)]));
}

export async function replaceRecord(db: Db, userId: number, facts: string): Promise<void> {
  await db.kysely.updateTable("django_imports").set({ facts }).where("user_id", "=", userId).execute();
}

/** Memberships of the accounts in the range, as "user other". */
export async function findMemberships(
  db: Db,
  table: "user_groups" | "user_permissions",
  [from, to]: Range,
): Promise<Set<string>> {
  const other = table === "user_groups" ? "group_id" : "permission_id";
  const { rows } = await sql<{ user_id: number; other_id: number }>`
    select user_id, ${sql.ref(other)} as other_id from ${sql.table(table)}
    where user_id between ${from} and ${to}`.execute(db.kysely);
  return new Set(rows.map(({ user_id, other_id }) => `${user_id} ${other_id}`));
}

/** Bindings of the accounts in the range, their main keys and others. */
export function findBindingsIn(db: Db, [from, to]: Range) {
  return db.kysely
    .selectFrom("bindings")
    .select(["provider", "account_key", "user_id"])
    .where("user_id", ">=", from)
    .where("user_id", "<=", to)
    .execute();
}

/** Imported accounts by ascending id, above `after` and up to `to` where that is given. */
export function findImported(db: Db, after: number, to: number | null, limit: number) {
  const query = db.kysely
    .selectFrom("django_imports")
    .select("user_id")
    .where("user_id", ">", after)
    .orderBy("user_id")
    .limit(limit);
  return (to === null ? query : query.where("user_id", "<=", to)).execute();
}

/** Of the given keys, those that are taken, with their owners, or with who gave them up and holds them still. */
export async function findTakenNames(db: Db, keys: readonly string[]): Promise<Map<string, number>> {
  const taken = new Map<string, number>();
  for (const part of parts(keys)) {
    for (const table of ["held_names", "login_names"] as const) {
      const rows = await db.kysely
        .selectFrom(table)
        .select(["name_key", "user_id"])
        .where("name_key", "in", part)
        .execute();
      for (const row of rows) taken.set(row.name_key, row.user_id);
    }
  }
  return taken;
}

/** Of the given third-party accounts, those that are bound here, as "provider key", with their owners. */
export async function findTakenBindings(
  db: Db,
  bindings: readonly { provider: string; openid: string }[],
): Promise<Map<string, number>> {
  const taken = new Map<string, number>();
  for (const part of parts(bindings.map(({ openid }) => openid))) {
    const rows = await db.kysely
      .selectFrom("bindings")
      .select(["provider", "account_key", "user_id"])
      .where("account_key", "in", part)
      .execute();
    for (const row of rows) taken.set(`${row.provider} ${row.account_key}`, row.user_id);
  }
  return taken;
}

/** Whether any account exists; an import into an empty server needs no look-ups. */
export async function hasUsers(db: Db): Promise<boolean> {
  return (await db.kysely.selectFrom("users").select("id").limit(1).executeTakeFirst()) !== undefined;
}

/**
 * After rows with ids of their own, PostgreSQL's counters must continue above them. Never back: a sign-up that has
 * drawn its id and not committed yet is not among the rows, and the next one would draw the same.
 */
export async function advanceIds(db: Db, tables: readonly string[]): Promise<void> {
  if (db.engine !== "postgres") return;
  for (const table of tables) {
    await sql`select setval(s.name, greatest((select max(id) from ${sql.table(table)}), pg_sequence_last_value(s.name), 1))
      from (select pg_get_serial_sequence(${table}, 'id')::regclass as name) s`.execute(db.kysely);
  }
}

function* parts<Value>(values: readonly Value[]): Generator<Value[]> {
  // One size, so that few different statements are compiled and prepared: the last is filled up by repeating.
  const size = 500;
  for (let start = 0; start < values.length; start += size) {
    const part = values.slice(start, start + size);
    while (part.length < size) part.push(part[0]!);
    yield part;
  }
}
