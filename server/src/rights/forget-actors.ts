import { sql } from "kysely";
import { holdLog } from "../audit/audit-chain.ts";
import { rewriteEntries } from "../audit/rewrite-entries.ts";
import { entriesAtOnce } from "../audit/sign-purged.ts";
import { erasedActor, pseudonymOf } from "../audit/without-values.ts";
import type { Db } from "../engines/database/database.ts";
import type { Clock } from "../kernel/clock.ts";
import type { SecretKeys } from "../kernel/keys.ts";
import type { Log } from "../kernel/log.ts";
import { nextTurn } from "../kernel/next-turn.ts";
import { pagesAlong } from "./along-keys.ts";
import { unvouchedBefore, vouchedAmong } from "./erased-mac.ts";

/**
 * What an erased member of staff did to others stays in the audit log, under their id for as long as the id is kept, and under nobody's
 * from then on: the id's own row goes only when no entry has it any more (deletion-store.ts). An entry that the chain has is written anew
 * (audit/rewrite-entries.ts). Guard: erased-actors.test.ts.
 */
export async function forgetActors(deps: ForgetActorsDeps, before: number, limit: number): Promise<number> {
  let done = 0;
  while (done < limit) {
    const [gone] = await withEntries(deps.db, before, await unvouchedBefore(deps.db, before));
    if (gone === undefined) break;
    const atMost = Math.min(limit - done, entriesAtOnce);
    // Before the last of the entries, because nothing leads to the rest of it afterwards.
    if (!(await hasMore(deps.db, gone.user_id, atMost))) await forgetPseudonym(deps.db, gone.user_id);
    done += await forgetSome(deps, gone.user_id, atMost);
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

async function forgetSome(
  { db, clock, secretKeys, log }: ForgetActorsDeps,
  userId: number,
  limit: number,
): Promise<number> {
  return db.transaction(async (transaction) => {
    await holdLog(transaction);
    const entries = await entriesBy(transaction, userId).selectAll().limit(limit).execute();
    const vouched = await vouchedAmong(transaction, secretKeys, [userId]);
    const signing = { secretKeys, log, now: clock.now() };
    await rewriteEntries(transaction, signing, entries, {
      changesOf: () => ({ actor_id: null, actor: erasedActor }),
      isVouched: vouched.has(userId),
    });
    return entries.length;
  });
}

const entriesBy = ({ kysely }: Db, userId: number) =>
  kysely.selectFrom("audit_entries").where("actor_id", "=", userId).orderBy("id");

async function hasMore(db: Db, userId: number, than: number): Promise<boolean> {
  const row = await entriesBy(db, userId).select("id").offset(than).limit(1).executeTakeFirst();
  return row !== undefined;
}

const withEntries = (db: Db, before: number, unvouched: number) =>
  db.kysely
    .selectFrom("deleted_accounts")
    .select("user_id")
    .where("deleted_at", "<=", before)
    .where((row) => row.or([row("mac", "is not", null), row("deleted_at", "<=", unvouched)]))
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

const written = [
  { table: "user_notes", key: "id", column: "author" },
  { table: "denials", key: "id", column: "made_by" },
  { table: "disablings", key: "user_id", column: "disabled_by" },
] as const;

/**
 * In rows about others who are here: whoever leaves one there leaves an entry of the log, too. Accident: no index has them, and every note
 * was gone through with each twenty entries, while nobody wrote into the log (guard: no-standstill-audit.test.ts).
 */
async function forgetPseudonym(db: Db, userId: number): Promise<void> {
  const pseudonym = pseudonymOf(userId);
  for (const { table: name, key, column: by } of written) {
    const [table, column] = [sql.table(name), sql.ref(by)];
    for await (const page of pagesAlong(db, { table: name, key })) {
      const theirs = sql`${page} and ${column} = ${pseudonym}`;
      const { rows } = await sql`select 1 from ${table} where ${theirs} limit 1`.execute(db.kysely);
      if (rows.length === 0) continue;
      await sql`update ${table} set ${column} = ${erasedActor} where ${theirs}`.execute(db.kysely);
      await nextTurn();
    }
  }
}
