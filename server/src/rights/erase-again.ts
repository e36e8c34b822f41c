import { writeDeletionDue } from "../accounts/change.ts";
import type { Db } from "../engines/database/database.ts";
import { raiseLastNumber } from "../engines/database/given-numbers.ts";
import type { DeletedList } from "./deleted-list.ts";
import { insertDeleted } from "./deletion-store.ts";
import { type EraseDeps, eraseAccount } from "./erase.ts";

/** Of who signed up between the last writing of the list, a minute before the end at most, and the end. */
const unlisted = 10_000;

export interface ErasedAgain {
  readonly erased: number;
  /** Ids of the list that somebody else has, who signed up after that erasure: they stay. */
  readonly others: readonly number[];
}

/**
 * After a restore: erases again who went since the backup, as the list outside the database says, and gives no id again that anybody
 * had. `left`: accounts that went into another one and could not again (joining/join-again.ts): they stay. No last mail goes out: they had it. Doing it twice does it once (guard: contract/deleted-accounts.test.ts).
 */
export async function eraseAgain(
  deps: EraseDeps,
  list: DeletedList,
  left: readonly number[] = [],
): Promise<ErasedAgain> {
  const { db, clock, users } = deps;
  let erased = 0;
  const others: number[] = [];
  for (const { id, erased_at } of list.deleted) {
    if (left.includes(id)) continue;
    const user = await users.byId(id);
    if (user === null) {
      // Nobody brings it back from elsewhere (django/import/), also where the list is not at hand.
      await insertDeleted(db, deps.secretKeys, { user_id: id, deleted_at: Date.parse(erased_at) });
      continue;
    }
    if (!(await wasThere(db, id, erased_at))) {
      others.push(id);
      continue;
    }
    const now = clock.now();
    await db.transaction(async (transaction) => {
      await transaction.kysely.deleteFrom("deletion_holds").where("user_id", "=", id).execute();
      await writeDeletionDue(transaction, id, now, now);
    });
    await eraseAccount(deps, { ...user, deletion_due_at: now });
    erased++;
  }
  await raiseLastNumber(db, "users", list.highest_id + unlisted);
  return { erased, others };
}

/** Whether who has the id now had it at that time (ISO 8601): not somebody who signed up since, nor where nobody has it. */
export async function wasThere(db: Db, id: number, at: string): Promise<boolean> {
  const row = db.kysely.selectFrom("users").select("created_at").where("id", "=", id);
  const found = await row.executeTakeFirst();
  return found !== undefined && found.created_at <= Date.parse(at);
}
