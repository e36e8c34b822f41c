import type { Db } from "../engines/database/database.ts";
import { forgetChainKeys } from "./audit-chain.ts";
import { type EntryRow, subjectOfTarget } from "./chain-entry.ts";
import { findAsLinked } from "./entries-as-linked.ts";
import { type Signing, signPurged, tellUnsigned } from "./sign-purged.ts";

type Changes = Partial<Pick<EntryRow, "actor_id" | "actor" | "target" | "before" | "after">>;

/**
 * Writes entries of the audit log anew where something in them must not stay. One that the chain has as it is, is inserted again with its
 * time and the old one purged with a signed link, so that the chain holds. One that is not as it was linked is changed where it stands:
 * it goes on being found, and nothing of it gets a link that is good (attack: a forged entry that is linked anew). The key of what was the
 * entry's own goes either way. The caller's transaction holds the log (audit-chain.ts). `isVouched`: whether its cause is believed.
 */
export async function rewriteEntries(
  transaction: Db,
  signing: Signing,
  entries: readonly EntryRow[],
  { changesOf, isVouched }: { changesOf(entry: EntryRow): Changes; readonly isVouched: boolean },
): Promise<void> {
  const { kysely } = transaction;
  const asLinked = await findAsLinked(transaction, signing.secretKeys, entries);
  const inPlace: number[] = [];
  for (const entry of entries) {
    const isLinked = asLinked.links.has(entry.id);
    const isAnew = isLinked && isVouched && asLinked.fitting.has(entry.id);
    const changes = changesOf(entry);
    if (isAnew) {
      const { id, ...kept } = entry;
      await kysely
        .insertInto("audit_entries")
        .values({ ...kept, ...changes })
        .execute();
      await kysely.deleteFrom("audit_entries").where("id", "=", id).execute();
      await signPurged(
        transaction,
        signing,
        { ...asLinked, added: [] },
        { gone: [entry], isVouched: () => true },
      );
    } else {
      await kysely.updateTable("audit_entries").set(changes).where("id", "=", entry.id).execute();
      if (isLinked || asLinked.added.includes(entry.id)) inPlace.push(entry.id);
    }
    const own = subjectOfTarget(entry);
    if (isLinked && own?.startsWith("entry:")) await forgetChainKeys(transaction, [own]);
  }
  tellUnsigned(signing.log, inPlace);
}
