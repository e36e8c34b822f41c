import { sql } from "kysely";
import { type Db, statement } from "../engines/database/database.ts";

/** The table `log_in_refusals`: why an account was refused from a network, how often, and when last. */
export interface StoredRefusal {
  readonly reason: string;
  readonly network: string;
  /** Epoch milliseconds of the last one. */
  readonly refused_at: number;
  readonly times: number;
}

declare module "../engines/database/tables.ts" {
  interface Tables {
    log_in_refusals: { user_id: number } & { -readonly [Name in keyof StoredRefusal]: StoredRefusal[Name] };
  }
}

/** Of an account. */
const most = 10;
/** Of one millisecond: more than one process notes at once. */
const mostTogether = 1_000;

const put = statement("log_in_refusals.put", (db, values: StoredRefusal & { userId: number }) =>
  db
    .insertInto("log_in_refusals")
    .values({
      user_id: values.userId,
      reason: values.reason,
      network: values.network,
      refused_at: values.refused_at,
      times: values.times,
    })
    .onConflict((conflict) =>
      conflict.columns(["user_id", "reason", "network"]).doUpdateSet({
        refused_at: (row) => row.ref("excluded.refused_at"),
        times: sql<number>`log_in_refusals.times + excluded.times`,
      }),
    )
    .returning("user_id"),
);

/** All but the newest. */
const trim = statement("log_in_refusals.trim", (db, values: { userId: number }) =>
  db
    .deleteFrom("log_in_refusals")
    .where("user_id", "=", values.userId)
    .where((row) =>
      row(row.refTuple("reason", "network"), "not in", (newest) =>
        newest
          .selectFrom("log_in_refusals")
          .select(["reason", "network"])
          .where("user_id", "=", values.userId)
          .orderBy("refused_at", "desc")
          .orderBy("network")
          .limit(most)
          .$asTuple("reason", "network"),
      ),
    )
    .returning("user_id"),
);

const byUser = statement("log_in_refusals.byUser", (db, values: { userId: number }) =>
  db
    .selectFrom("log_in_refusals")
    .select(["reason", "network", "refused_at", "times"])
    .where("user_id", "=", values.userId)
    .orderBy("refused_at", "desc")
    .orderBy("network")
    .limit(most),
);

const purge = statement("log_in_refusals.purge", (db, values: { before: number; limit: number }) =>
  db
    .deleteFrom("log_in_refusals")
    .where((row) =>
      row(row.refTuple("user_id", "reason", "network"), "in", (old) =>
        old
          .selectFrom("log_in_refusals")
          .select(["user_id", "reason", "network"])
          .where("refused_at", "<=", values.before)
          .limit(values.limit)
          .$asTuple("user_id", "reason", "network"),
      ),
    )
    .returning("user_id"),
);

/** Adds them to what is there of the account, of which the ten newest stay. */
export async function storeRefusals(
  transaction: Db,
  userId: number,
  refusals: readonly StoredRefusal[],
): Promise<void> {
  for (const one of refusals) await transaction.first(put, { ...one, userId });
  await transaction.all(trim, { userId });
}

/** The newest first, ten at most. */
export function findRefusals(db: Db, userId: number): Promise<StoredRefusal[]> {
  return db.all(byUser, { userId });
}

/**
 * Of all accounts, the newest first, from before that time on; `before` in epoch milliseconds, null for the newest. A time is the only
 * place that the next page is asked for by: those of the last one's millisecond are all here, however many were asked for.
 */
export async function latestRefusals(db: Db, limit: number, before: number | null) {
  const all = db.kysely
    .selectFrom("log_in_refusals")
    .innerJoin("users", "users.id", "log_in_refusals.user_id")
    .select(["user_id", "username", "reason", "network", "refused_at", "times"])
    .orderBy("refused_at", "desc");
  const rows = await (before === null ? all : all.where("refused_at", "<", before)).limit(limit).execute();
  const last = rows.at(-1);
  if (last === undefined || rows.length < limit) return rows;
  const together = await all.where("refused_at", "=", last.refused_at).limit(mostTogether).execute();
  return [...rows.filter(({ refused_at }) => refused_at > last.refused_at), ...together];
}

/** Refused for too many tries since then, the newest first. */
export function throttledRefusals(db: Db, since: number, limit: number) {
  return (
    db.kysely
      .selectFrom("log_in_refusals")
      .select(["user_id", "network", "refused_at", "times"])
      // As it stands in the index, which knows no parameter.
      .where(sql<boolean>`reason = 'throttled'`)
      .where("refused_at", ">=", since)
      .orderBy("refused_at", "desc")
      .limit(limit)
      .execute()
  );
}

/** Removes up to `limit` that were last before; returns how many. */
export async function purgeRefusals(db: Db, before: number, limit: number): Promise<number> {
  return (await db.all(purge, { before, limit })).length;
}
