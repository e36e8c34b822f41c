import { holdLog } from "../audit/audit-chain.ts";
import { rewriteEntries } from "../audit/rewrite-entries.ts";
import { entriesAtOnce } from "../audit/sign-purged.ts";
import { erasedActor, pseudonymOf } from "../audit/without-values.ts";
import type { Db } from "../engines/database/database.ts";
import type { Clock } from "../kernel/clock.ts";
import type { SecretKeys } from "../kernel/keys.ts";
import type { Log } from "../kernel/log.ts";
import { nextTurn } from "../kernel/next-turn.ts";
import { vouchedAmong } from "./erased-mac.ts";

/**
 * What an erased member of staff did to others stays in the audit log, under their id for as long as the id is kept, and under nobody's
 * from then on: the id's own row goes only when no entry has it any more (deletion-store.ts). An entry that the chain has is written anew
 * (audit/rewrite-entries.ts). Guard: erased-actors.test.ts.
 */
export async function forgetActors(deps: ForgetActorsDeps, before: number, limit: number): Promise<number> {
  let done = 0;
  while (done < limit) {
    const some = await forgetOne(deps, before, Math.min(limit - done, entriesAtOnce));
    if (some === 0) break;
    done += some;
    await nextTurn();
  }
  return done;
}

interface ForgetActorsDeps {
  readonly db: Db;
  readonly clock: Clock;
  readonly secretKeys: SecretKeys;
  readonly log: Pick<Log, "error">;
}

async function forgetOne(
  { db, clock, secretKeys, log }: ForgetActorsDeps,
  before: number,
  limit: number,
): Promise<number> {
  const [gone] = await withEntries(db, before);
  if (gone === undefined) return 0;
  return db.transaction(async (transaction) => {
    await holdLog(transaction);
    const entries = await transaction.kysely
      .selectFrom("audit_entries")
      .selectAll()
      .where("actor_id", "=", gone.user_id)
      .orderBy("id")
      .limit(limit)
      .execute();
    const vouched = await vouchedAmong(transaction, secretKeys, [gone.user_id]);
    const signing = { secretKeys, log, now: clock.now() };
    await rewriteEntries(transaction, signing, entries, {
      changesOf: () => ({ actor_id: null, actor: erasedActor }),
      isVouched: vouched.has(gone.user_id),
    });
    await forgetPseudonym(transaction, pseudonymOf(gone.user_id));
    return entries.length;
  });
}

const withEntries = (db: Db, before: number) =>
  db.kysely
    .selectFrom("deleted_accounts")
    .select("user_id")
    .where("deleted_at", "<=", before)
    // A row may have been put in for somebody who is here.
    .where((row) =>
      row.not(
        row.exists((here) =>
          here.selectFrom("users").select("users.id").whereRef("users.id", "=", "deleted_accounts.user_id"),
        ),
      ),
    )
    .where((row) =>
      row.exists((by) =>
        by
          .selectFrom("audit_entries")
          .select("id")
          .whereRef("audit_entries.actor_id", "=", "deleted_accounts.user_id"),
      ),
    )
    .limit(1)
    .execute();

/** In rows about others who are here: whoever leaves one there leaves an entry of the log, too. */
async function forgetPseudonym({ kysely }: Db, pseudonym: string): Promise<void> {
  const gone = erasedActor;
  await kysely.updateTable("user_notes").set({ author: gone }).where("author", "=", pseudonym).execute();
  await kysely.updateTable("denials").set({ made_by: gone }).where("made_by", "=", pseudonym).execute();
  const disabled = kysely.updateTable("disablings").set({ disabled_by: gone });
  await disabled.where("disabled_by", "=", pseudonym).execute();
}
