import { sql } from "kysely";
import { holdChain } from "../audit/audit-chain.ts";
import type { EntryRow } from "../audit/chain-entry.ts";
import { findAsLinked } from "../audit/entries-as-linked.ts";
import { entriesAtOnce, signPurged } from "../audit/sign-purged.ts";
import { type Db, statement } from "../engines/database/database.ts";
import type { Clock } from "../kernel/clock.ts";
import type { SecretKeys } from "../kernel/keys.ts";
import type { Log } from "../kernel/log.ts";
import { nextTurn } from "../kernel/next-turn.ts";
import { unvouchedBefore, vouchedAmong } from "./erased-mac.ts";

interface PurgeErasedDeps {
  readonly db: Db;
  readonly clock: Clock;
  readonly secretKeys: SecretKeys;
  readonly log: Pick<Log, "error">;
}

/**
 * From the accounts that are gone to what is left of each. Accident: SQLite began with the entries, and each round of the
 * maintenance went through a million of them for nothing.
 */
const purge = statement(
  "audit_entries.purgeErased",
  (db, values: { before: number; unvouched: number; limit: number }, engine) =>
    db
      .deleteFrom("audit_entries")
      .where("id", "in", (old) =>
        old
          .selectFrom("deleted_accounts")
          // SQLite keeps the order of a cross join.
          .crossJoin("audit_entries")
          .select("audit_entries.id")
          .where("deleted_accounts.deleted_at", "<=", values.before)
          .where((row) =>
            row.or([
              row("deleted_accounts.mac", "is not", null),
              row("deleted_accounts.deleted_at", "<=", values.unvouched),
            ]),
          )
          // Attack: a row put in for somebody who is here, so that a signed purge takes what was done to them (guard: audit-chain-forged.test.ts).
          .where((row) =>
            row.not(
              row.exists(
                row
                  .selectFrom("users")
                  .select("users.id")
                  .whereRef("users.id", "=", "deleted_accounts.user_id"),
              ),
            ),
          )
          .whereRef("audit_entries.target_id", "=", "deleted_accounts.user_id")
          // Behind a plus SQLite doesn't walk along it.
          .where(sql<boolean>`${engine === "sqlite" ? sql`+` : sql``}audit_entries.target_kind = 'user'`)
          .limit(values.limit),
      )
      .returningAll(),
);

/**
 * Removes up to `limit` entries about accounts that were erased until `before`; returns how many. What they did to others stays. Signed
 * for is what was as it was linked, of accounts whose erasure is vouched for; those without a MAC wait some days for one (erased-mac.ts).
 */
export async function purgeErased(deps: PurgeErasedDeps, before: number, limit: number): Promise<number> {
  let done = 0;
  while (done < limit) {
    const atMost = Math.min(limit - done, entriesAtOnce);
    const some = await purgeSome(deps, before, atMost);
    done += some;
    if (some < atMost) break;
    await nextTurn();
  }
  return done;
}

async function purgeSome(
  { db, clock, secretKeys, log }: PurgeErasedDeps,
  before: number,
  limit: number,
): Promise<number> {
  return db.transaction(async (transaction) => {
    // Or an entry that a pass is just linking goes without a signature, and the chain has a gap (guard: audit-chain.race.test.ts).
    await holdChain(transaction);
    const unvouched = await unvouchedBefore(transaction, before);
    const gone = await transaction.all(purge, { before, unvouched, limit });
    if (gone.length === 0) return 0;
    const asLinked = await findAsLinked(transaction, secretKeys, gone);
    const targets = [...new Set(gone.map(({ target_id }) => target_id))];
    const vouched = await vouchedAmong(transaction, secretKeys, targets);
    const signing = { secretKeys, log, now: clock.now() };
    const isVouched = (entry: EntryRow) => vouched.has(entry.target_id);
    await signPurged(transaction, signing, asLinked, { gone, isVouched });
    return gone.length;
  });
}
