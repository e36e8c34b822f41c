import type { Db } from "../engines/database/database.ts";

/** The table `first_superuser_links`: one row at most. Times in epoch milliseconds. */
interface Row {
  readonly id: number;
  readonly token_digest: string;
  readonly expires_at: number;
}

declare module "../engines/database/tables.ts" {
  interface Tables {
    first_superuser_links: { -readonly [Name in keyof Row]: Row[Name] };
  }
}

/** Whether anybody is one, disabled or not. */
export async function hasSuperuser(db: Db): Promise<boolean> {
  const row = await db.kysely
    .selectFrom("users")
    .select("id")
    // As a literal: to a bound value SQLite doesn't apply an index of a part of the rows.
    .where((eb) => eb("is_superuser", "=", eb.lit(1)))
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

/** Puts it in the place of the one before. */
export async function keepLink(db: Db, { token_digest, expires_at }: Omit<Row, "id">): Promise<void> {
  await db.kysely
    .insertInto("first_superuser_links")
    .values({ id: 1, token_digest, expires_at })
    .onConflict((conflict) => conflict.column("id").doUpdateSet({ token_digest, expires_at }))
    .execute();
}

/** Whether it is the link of now. */
export async function isLink(db: Db, token_digest: string, now: number): Promise<boolean> {
  const row = await db.kysely
    .selectFrom("first_superuser_links")
    .select("id")
    .where("token_digest", "=", token_digest)
    .where("expires_at", ">", now)
    .executeTakeFirst();
  return row !== undefined;
}

/** Uses it up in the caller's transaction; false where it is used, expired or another's. */
export async function takeLink(transaction: Db, token_digest: string, now: number): Promise<boolean> {
  const taken = await transaction.kysely
    .deleteFrom("first_superuser_links")
    .where("token_digest", "=", token_digest)
    .where("expires_at", ">", now)
    .executeTakeFirst();
  return taken.numDeletedRows === 1n;
}

/** Removes what has expired; returns how many. */
export async function purgeLinks(db: Db, now: number): Promise<number> {
  const gone = await db.kysely
    .deleteFrom("first_superuser_links")
    .where("expires_at", "<=", now)
    .executeTakeFirst();
  return Number(gone.numDeletedRows);
}
