import { type Db, statement } from "../engines/database/database.ts";
import type { SecretKeys } from "../kernel/keys.ts";
import { erasedKeys, isVouched, macOfErased } from "./erased-mac.ts";

/** The table `deleted_accounts`: ids of accounts that are gone, and when they went, epoch milliseconds. */
interface Row {
  readonly user_id: number;
  readonly deleted_at: number;
  /** See erased-mac.ts; null of one that 0.7.0 wrote, or somebody by hand. */
  readonly mac: string | null;
}

declare module "../engines/database/tables.ts" {
  interface Tables {
    deleted_accounts: { -readonly [Name in keyof Row]: Row[Name] };
  }
}

const due = statement("users.dueDeletions", (db, values: { now: number; limit: number }) =>
  db
    .selectFrom("users")
    .select("id")
    .where("deletion_due_at", "is not", null)
    .where("deletion_due_at", "<=", values.now)
    .where((row) =>
      row.not(
        row.exists((held) =>
          held
            .selectFrom("deletion_holds")
            .select("service")
            .whereRef("deletion_holds.user_id", "=", "users.id")
            .where("deletion_holds.held_until", ">", values.now),
        ),
      ),
    )
    .orderBy("deletion_due_at")
    .limit(values.limit),
);

/** Accounts whose grace is over, and that no service holds. */
export async function dueDeletions(db: Db, now: number, limit: number): Promise<number[]> {
  return (await db.all(due, { now, limit })).map(({ id }) => id);
}

const insert = statement("deleted_accounts.insert", (db, values: Row) =>
  db
    .insertInto("deleted_accounts")
    .values({ user_id: values.user_id, deleted_at: values.deleted_at, mac: values.mac })
    .onConflict((conflict) => conflict.doNothing())
    .returning("user_id"),
);

/** One that is there already stays with its day, unless nobody vouches for it: then it was put there by hand. */
export async function insertDeleted(
  transaction: Db,
  secretKeys: SecretKeys,
  gone: Omit<Row, "mac">,
): Promise<void> {
  const keys = erasedKeys(secretKeys);
  const row = { ...gone, mac: macOfErased(keys[0], gone) };
  if ((await transaction.first(insert, row)) !== null) return;
  const { kysely } = transaction;
  const there = kysely.selectFrom("deleted_accounts").selectAll().where("user_id", "=", gone.user_id);
  const before = await there.executeTakeFirst();
  if (before === undefined || isVouched(keys, before)) return;
  await kysely.updateTable("deleted_accounts").set(row).where("user_id", "=", gone.user_id).execute();
}

const purge = statement("deleted_accounts.purge", (db, values: { before: number; limit: number }) =>
  db
    .deleteFrom("deleted_accounts")
    .where("user_id", "in", (old) =>
      old
        .selectFrom("deleted_accounts")
        .select("user_id")
        .where("deleted_at", "<=", values.before)
        .where((row) =>
          row.not(
            row.exists((by) =>
              by
                .selectFrom("audit_entries")
                .select("audit_entries.id")
                .whereRef("audit_entries.actor_id", "=", "deleted_accounts.user_id"),
            ),
          ),
        )
        .limit(values.limit),
    )
    .returning("user_id"),
);

const noteForgotten = statement("deleted_accounts.noteForgotten", (db, values: { id: number }) =>
  db
    .updateTable("installation")
    .set({ erased_ids_up_to: values.id })
    .where("erased_ids_up_to", "<", values.id)
    .returning("singleton"),
);

/**
 * Removes up to `limit` that no entry of the audit log has for its actor any more (forget-actors.ts) and that went until `before`; returns how many. How far their ids went stays, one number without anybody: an import
 * must not give them again (erased-here.ts).
 */
export async function purgeDeleted(db: Db, before: number, limit: number): Promise<number> {
  return db.transaction(async (transaction) => {
    const gone = await transaction.all(purge, { before, limit });
    const id = gone.reduce((most, { user_id }) => Math.max(most, user_id), 0);
    if (id > 0) await transaction.first(noteForgotten, { id });
    return gone.length;
  });
}

/** The erased ids in the range that are remembered. */
export async function erasedBetween(
  db: Db,
  [from, to]: readonly [from: number, to: number],
): Promise<number[]> {
  const rows = await db.kysely
    .selectFrom("deleted_accounts")
    .select("user_id")
    .where("user_id", ">=", from)
    .where("user_id", "<=", to)
    .execute();
  return rows.map(({ user_id }) => user_id);
}

/** The highest erased id that is not remembered any more; 0 where there is none. */
export async function forgottenUpTo(db: Db): Promise<number> {
  const row = await db.kysely.selectFrom("installation").select("erased_ids_up_to").executeTakeFirst();
  return row?.erased_ids_up_to ?? 0;
}

/** As long as anybody should keep a backup in which the account still is. */
export const deletedKeptMillis = 365 * 24 * 3600 * 1000;
