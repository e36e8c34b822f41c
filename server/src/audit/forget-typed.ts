import type { Db } from "../engines/database/database.ts";
import type { Clock } from "../kernel/clock.ts";
import type { SecretKeys } from "../kernel/keys.ts";
import { holdChain, signPurged } from "./audit-chain.ts";

/**
 * Takes what was typed into a search out of entries that earlier versions wrote of lists of accounts that staff fetched: it may be an
 * address of somebody who is erased by now, and nothing says whose. The entry stays: who fetched a list, when and how. One that the chain
 * has is written anew, with its time, and the old one purged with a signed link. Since then what was typed is not written at all
 * (admin/user-export.ts). Guard: typed-searches.test.ts.
 */
export interface ForgetTypedDeps {
  readonly db: Db;
  readonly clock: Clock;
  readonly secretKeys: SecretKeys;
}

const given = "(given)";

/** Up to `limit` of them at a time; returns how many. Once it found none it looks no more: nothing writes one any more. */
export function createForgetTyped({ db, clock, secretKeys }: ForgetTypedDeps) {
  let isDone = false;
  return async (limit: number): Promise<number> => {
    if (isDone) return 0;
    const count = await db.transaction(async (transaction) => {
      await holdChain(transaction);
      const found = await entriesWithTyped(transaction, limit);
      for (const { id, ...entry } of found) {
        const after = JSON.stringify({ ...JSON.parse(entry.after), search: given });
        const link = transaction.kysely.selectFrom("audit_links").select("hash").where("entry_id", "=", id);
        const entries = transaction.kysely;
        if ((await link.executeTakeFirst()) === undefined) {
          await entries.updateTable("audit_entries").set({ after }).where("id", "=", id).execute();
          continue;
        }
        await entries
          .insertInto("audit_entries")
          .values({ ...entry, after })
          .execute();
        await entries.deleteFrom("audit_entries").where("id", "=", id).execute();
        await signPurged(transaction, secretKeys, [id], clock.now());
      }
      return found.length;
    });
    isDone = count === 0;
    return count;
  };
}

const entriesWithTyped = (transaction: Db, limit: number) =>
  transaction.kysely
    .selectFrom("audit_entries")
    .selectAll()
    .where("target_kind", "=", "system")
    .where("action", "=", "user.export")
    .where("after", "like", '%"search":"%')
    .where("after", "not like", `%"search":"${given}"%`)
    .orderBy("id")
    .limit(limit)
    .execute();
