import { type Db, statement } from "../engines/database/database.ts";

/** The table `data_exports`: what people asked to have handed out. Times in epoch milliseconds. */
export interface DataExport {
  readonly id: string;
  readonly user_id: number;
  readonly language: string;
  readonly asked_at: number;
  readonly ready_at: number | null;
  readonly expires_at: number;
  readonly bytes: number | null;
}

interface Row extends DataExport {
  readonly sealed: string | null;
}

declare module "../engines/database/tables.ts" {
  interface Tables {
    data_exports: { -readonly [Name in keyof Row]: Row[Name] };
  }
}

const columns = ["id", "user_id", "language", "asked_at", "ready_at", "expires_at", "bytes"] as const;

const insert = statement(
  "data_exports.insert",
  (db, values: Pick<DataExport, "id" | "user_id" | "language" | "asked_at" | "expires_at">) =>
    db
      .insertInto("data_exports")
      .values({
        ...{ id: values.id, user_id: values.user_id, language: values.language },
        ...{ asked_at: values.asked_at, expires_at: values.expires_at },
        ...{ ready_at: null, bytes: null, sealed: null },
      })
      .returning(columns),
);

export async function insertExport(
  transaction: Db,
  row: Pick<DataExport, "id" | "user_id" | "language" | "asked_at" | "expires_at">,
): Promise<DataExport> {
  return (await transaction.first(insert, row))!;
}

const ofUser = statement("data_exports.ofUser", (db, values: { userId: number; now: number }) =>
  db
    .selectFrom("data_exports")
    .select(columns)
    .where("user_id", "=", values.userId)
    .where("expires_at", ">", values.now)
    .orderBy("asked_at", "desc"),
);

/** The latest first, without those whose time is over. */
export function exportsOf(db: Db, userId: number, now: number): Promise<DataExport[]> {
  return db.all(ofUser, { userId, now });
}

const byId = statement("data_exports.byId", (db, values: { id: string }) =>
  db
    .selectFrom("data_exports")
    .select([...columns, "sealed"])
    .where("id", "=", values.id),
);

export function findExport(db: Db, id: string): Promise<Row | null> {
  return db.first(byId, { id });
}

const finish = statement(
  "data_exports.finish",
  (db, values: { id: string; now: number; expires: number; bytes: number; sealed: string }) =>
    db
      .updateTable("data_exports")
      .set({
        ...{ ready_at: values.now, expires_at: values.expires, bytes: values.bytes, sealed: values.sealed },
      })
      .where("id", "=", values.id)
      .where("ready_at", "is", null)
      .returning("id"),
);

/** Writes what was made; false where somebody else did, or the account is gone. */
export async function finishExport(
  transaction: Db,
  made: {
    readonly id: string;
    readonly now: number;
    readonly expires: number;
    readonly bytes: number;
    readonly sealed: string;
  },
): Promise<boolean> {
  return (await transaction.first(finish, made)) !== null;
}

const removeAll = statement("data_exports.removeAll", (db, values: { userId: number }) =>
  db.deleteFrom("data_exports").where("user_id", "=", values.userId).returning("id"),
);

/** Removes every one of the account, made or not; returns how many. */
export async function removeExports(transaction: Db, userId: number): Promise<number> {
  return (await transaction.all(removeAll, { userId })).length;
}

const purge = statement("data_exports.purge", (db, values: { now: number; limit: number }) =>
  db
    .deleteFrom("data_exports")
    .where("id", "in", (old) =>
      old.selectFrom("data_exports").select("id").where("expires_at", "<=", values.now).limit(values.limit),
    )
    .returning("id"),
);

/** Removes up to `limit` whose time is over; returns how many. */
export async function purgeExports(db: Db, now: number, limit: number): Promise<number> {
  return (await db.all(purge, { now, limit })).length;
}
