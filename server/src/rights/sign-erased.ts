import type { Audit } from "../audit/audit.ts";
import type { Db } from "../engines/database/database.ts";
import { type Clock, dayMillis } from "../kernel/clock.ts";
import type { SecretKeys } from "../kernel/keys.ts";
import { erasedKeys, signErasedRow } from "./erased-mac.ts";

/**
 * Vouches, once, for erasures of before there were MACs (erased-mac.ts), and for a day for those of a 0.7.0 that still runs
 * beside this one. Each step leaves an entry in the audit log with how many: whoever puts a row in on that day, or has it all begin again by
 * taking the time out of `installation`, is seen there. A process that knows that the day is over signs no more, whatever the database
 * says (guard: audit-chain-laundered.test.ts).
 */
export interface SignErasedDeps {
  readonly db: Db;
  readonly clock: Clock;
  readonly secretKeys: SecretKeys;
  readonly audit: Pick<Audit, "record">;
}

const actor = { id: null, name: "(maintenance)", requestId: null };

/** Up to `limit` rows at a time; returns how many. */
export function createSignErased({ db, clock, secretKeys, audit }: SignErasedDeps) {
  const [key] = erasedKeys(secretKeys);
  let isOver = false;
  return async (limit: number): Promise<number> => {
    if (isOver) return 0;
    return db.transaction(async (transaction) => {
      const { kysely } = transaction;
      const now = clock.now();
      const begin = kysely.updateTable("installation").set({ erased_signed_at: now });
      await begin.where("erased_signed_at", "is", null).execute();
      const row = await kysely.selectFrom("installation").select("erased_signed_at").executeTakeFirst();
      const began = row?.erased_signed_at ?? null;
      // Before the installation has its row nothing says that it is this program's.
      if (began === null) return 0;
      isOver = now > began + dayMillis;
      if (isOver) return 0;
      const rows = await kysely
        .selectFrom("deleted_accounts")
        .select(["user_id", "deleted_at"])
        .where("mac", "is", null)
        .orderBy("user_id")
        .limit(limit)
        .execute();
      for (const row of rows) await signErasedRow(transaction, key, row);
      if (rows.length > 0) {
        await audit.record(transaction, actor, {
          ...{
            action: "system.erasures-signed",
            targetKind: "system",
            targetId: 0,
            target: "deleted_accounts",
          },
          ...{ before: {}, after: { rows: rows.length } },
        });
      }
      return rows.length;
    });
  };
}
