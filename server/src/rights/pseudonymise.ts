import { type Db, statement } from "../engines/database/database.ts";
import { nameKey } from "../kernel/name-key.ts";

/**
 * Takes a person out of the audit log: who did and suffered what is told by the id alone, and what changed by the names of the
 * fields. Times, actions and flags stay, because they are what the log is kept for (网络安全法: six months at least).
 */
const pseudonymOf = (id: number) => `user#${id}`;

/** Values that say nothing of a person. */
const plain = /^(is_\w+|groups|permissions|\w+_at|credentials_version|session|mail|bytes|cancelled_by)$/;

export async function pseudonymise(transaction: Db, id: number, nameKeys: readonly string[]): Promise<void> {
  const { kysely } = transaction;
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
}

function textsIn(json: string): string[] {
  return Object.values(JSON.parse(json) as object).filter((value) => typeof value === "string");
}

/** The fields, with what could be the person's replaced. */
function withoutValues(json: string): string {
  const kept = Object.entries(JSON.parse(json) as object).map(([name, value]) => [
    name,
    plain.test(name) || value === null ? value : "(erased)",
  ]);
  return JSON.stringify(Object.fromEntries(kept));
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
export const purgeErased = async (db: Db, before: number, limit: number): Promise<number> =>
  (await db.all(purge, { before, limit })).length;
