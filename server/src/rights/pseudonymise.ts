import { forgetChainKeys, holdChain, signPurged } from "../audit/audit-chain.ts";
import { pseudonymOf, withoutValues } from "../audit/without-values.ts";
import { type Db, statement } from "../engines/database/database.ts";
import type { Clock } from "../kernel/clock.ts";
import type { SecretKeys } from "../kernel/keys.ts";
import { nameKey } from "../kernel/name-key.ts";

/**
 * Takes a person out of the audit log: who did and suffered what is told by the id alone, and what changed by the names of the
 * fields. Times, actions and flags stay, because they are what the log is kept for (网络安全法: six months at least).
 */
export async function pseudonymise(transaction: Db, id: number, nameKeys: readonly string[]): Promise<void> {
  const { kysely } = transaction;
  await holdChain(transaction);
  const subjects = [`user:${id}`];
  await kysely
    .updateTable("audit_entries")
    .set({ actor: pseudonymOf(id) })
    .where("actor_id", "=", id)
    .execute();
  const about = await kysely
    .selectFrom("audit_entries")
    .select(["id", "target_kind", "target", "before", "after"])
    .where((row) =>
      row.or([
        row.and([row("target_kind", "=", "user"), row("target_id", "=", id)]),
        // An invitation names whom it is for.
        row("target_kind", "=", "invitation"),
      ]),
    )
    .execute();
  const names = new Set(nameKeys);
  for (const entry of about) {
    const isOwn = entry.target_kind === "user";
    const hasName = [entry.target, ...textsIn(entry.before), ...textsIn(entry.after)].some((text) =>
      names.has(nameKey(text)),
    );
    if (!isOwn && !hasName) continue;
    if (!isOwn) subjects.push(`entry:${entry.id}`);
    await kysely
      .updateTable("audit_entries")
      .set({
        target: pseudonymOf(id),
        before: withoutValues(entry.before),
        after: withoutValues(entry.after),
      })
      .where("id", "=", entry.id)
      .execute();
  }
  await forgetChainKeys(transaction, subjects);
}

function textsIn(json: string): string[] {
  return Object.values(JSON.parse(json) as object).filter((value) => typeof value === "string");
}

const purge = statement("audit_entries.purgeErased", (db, values: { before: number; limit: number }) =>
  db
    .deleteFrom("audit_entries")
    .where("id", "in", (old) =>
      old
        .selectFrom("deleted_accounts")
        .innerJoin("audit_entries", "audit_entries.target_id", "deleted_accounts.user_id")
        .select("audit_entries.id")
        .where("deleted_accounts.deleted_at", "<=", values.before)
        .where("audit_entries.target_kind", "=", "user")
        .limit(values.limit),
    )
    .returning("id"),
);

/** Removes up to `limit` entries about accounts that were erased until `before`; returns how many. What they did to others stays. */
export async function purgeErased(
  { db, clock, secretKeys }: { readonly db: Db; readonly clock: Clock; readonly secretKeys: SecretKeys },
  before: number,
  limit: number,
): Promise<number> {
  return db.transaction(async (transaction) => {
    const gone = await transaction.all(purge, { before, limit });
    const ids = gone.map(({ id }) => id);
    await signPurged(transaction, secretKeys, ids, clock.now());
    return ids.length;
  });
}
