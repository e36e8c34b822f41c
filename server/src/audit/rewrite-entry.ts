import type { Db } from "../engines/database/database.ts";
import type { SecretKeys } from "../kernel/keys.ts";
import { forgetChainKeys, signPurged } from "./audit-chain.ts";
import { type EntryRow, subjectOfTarget } from "./chain-entry.ts";

/**
 * Writes an entry of the audit log anew where something in it must not stay. One that the chain has is inserted again with its time and
 * the old one purged with a signed link, so that the chain holds; the key of what was the entry's own goes with it. The caller's
 * transaction holds the log (audit-chain.ts).
 */
export async function rewriteEntry(
  transaction: Db,
  { secretKeys, now }: { readonly secretKeys: SecretKeys; readonly now: number },
  entry: EntryRow,
  changes: Partial<Pick<EntryRow, "actor_id" | "actor" | "target" | "before" | "after">>,
): Promise<void> {
  const { kysely } = transaction;
  const link = kysely.selectFrom("audit_links").select("hash").where("entry_id", "=", entry.id);
  if ((await link.executeTakeFirst()) === undefined) {
    await kysely.updateTable("audit_entries").set(changes).where("id", "=", entry.id).execute();
    return;
  }
  const { id, ...kept } = entry;
  await kysely
    .insertInto("audit_entries")
    .values({ ...kept, ...changes })
    .execute();
  await kysely.deleteFrom("audit_entries").where("id", "=", id).execute();
  await signPurged(transaction, secretKeys, [id], now);
  const own = subjectOfTarget(entry);
  if (own?.startsWith("entry:")) await forgetChainKeys(transaction, [own]);
}
