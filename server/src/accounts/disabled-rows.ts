import type { Db } from "../engines/database/database.ts";

/** The table `disablings`: why an account is disabled, and until when. Times in epoch milliseconds. */
export interface Disabling {
  readonly user_id: number;
  readonly reason: string;
  /** Who did it, as audit/lasting-name.ts keeps it. */
  readonly disabled_by: string;
  readonly disabled_at: number;
  /** When it comes back by itself; null for never. */
  readonly ends_at: number | null;
}

declare module "../engines/database/tables.ts" {
  interface Tables {
    disablings: { -readonly [Name in keyof Disabling]: Disabling[Name] };
  }
}

/** Null for one that is not disabled, or was without a reason. */
export async function findDisabling(db: Db, userId: number): Promise<Disabling | null> {
  const row = await db.kysely
    .selectFrom("disablings")
    .selectAll()
    .where("user_id", "=", userId)
    .executeTakeFirst();
  return row ?? null;
}

/** In the place of the one before. */
export async function keepDisabling(transaction: Db, { user_id, ...rest }: Disabling): Promise<void> {
  await transaction.kysely
    .insertInto("disablings")
    .values({ user_id, ...rest })
    .onConflict((conflict) => conflict.column("user_id").doUpdateSet(rest))
    .execute();
}

export async function removeDisabling(transaction: Db, userId: number): Promise<void> {
  await transaction.kysely.deleteFrom("disablings").where("user_id", "=", userId).execute();
}

/** Accounts whose time has come, the longest due first. */
export async function endedDisablings(db: Db, now: number, limit: number): Promise<number[]> {
  const rows = await db.kysely
    .selectFrom("disablings")
    .select("user_id")
    .where("ends_at", "<=", now)
    .orderBy("ends_at")
    .limit(limit)
    .execute();
  return rows.map(({ user_id }) => user_id);
}
