import { type Db, statement } from "../engines/database/database.ts";

/** The table `account_joins`: an account that is gone, and the one it went into. Times in epoch milliseconds. */
export interface AccountJoin {
  readonly joined_id: number;
  /** The account that stayed. */
  readonly user_id: number;
  readonly at: number;
  readonly joined_by: "owner" | "operator";
}

declare module "../engines/database/tables.ts" {
  interface Tables {
    account_joins: { -readonly [Name in keyof AccountJoin]: AccountJoin[Name] };
  }
}

const insert = statement("account_joins.insert", (db, values: AccountJoin) =>
  db
    .insertInto("account_joins")
    .values({
      ...{ joined_id: values.joined_id, user_id: values.user_id },
      ...{ at: values.at, joined_by: values.joined_by },
    })
    .returning("joined_id"),
);

export async function insertJoin(transaction: Db, row: AccountJoin): Promise<void> {
  await transaction.first(insert, row);
}

const since = statement("account_joins.since", (db, values: { userId: number; since: number }) =>
  db
    .selectFrom("account_joins")
    .select("at")
    .where("user_id", "=", values.userId)
    .where("at", ">", values.since)
    .orderBy("at"),
);

/** When others went into the account since then, the oldest first. */
export async function joinsSince(db: Db, userId: number, from: number): Promise<number[]> {
  return (await db.all(since, { userId, since: from })).map(({ at }) => at);
}

const chain = statement("account_joins.chain", (db, values: { to: number; from: number }) =>
  db
    .updateTable("account_joins")
    .set({ user_id: values.to })
    .where("user_id", "=", values.from)
    .returning("joined_id"),
);

/** What went into an account that now goes into another itself went there. */
export async function passJoinsOn(transaction: Db, from: number, to: number): Promise<void> {
  await transaction.all(chain, { from, to });
}

const purge = statement("account_joins.purge", (db, values: { before: number; limit: number }) =>
  db
    .deleteFrom("account_joins")
    .where("joined_id", "in", (old) =>
      old
        .selectFrom("account_joins")
        .select("joined_id")
        .where("at", "<=", values.before)
        .limit(values.limit),
    )
    .returning("joined_id"),
);

/** Removes up to `limit` of before; returns how many. */
export async function purgeJoins(db: Db, before: number, limit: number): Promise<number> {
  return (await db.all(purge, { before, limit })).length;
}

/** They are no account's but the one they were made for, and so can't move. */
export async function countPasskeys(from: Db, id: number): Promise<number> {
  const { count } = await from.kysely
    .selectFrom("passkeys")
    .select((all) => all.fn.countAll().as("count"))
    .where("user_id", "=", id)
    .executeTakeFirstOrThrow();
  return Number(count);
}
