import type { Db } from "../engines/database/database.ts";
import type { SecretKeys } from "../kernel/keys.ts";
import type { Log } from "../kernel/log.ts";
import type { EntryRow } from "./chain-entry.ts";
import {
  type AuditLink,
  chainKeys,
  isSigned,
  notSigned,
  purgeSignatureOf,
  signatureOf,
} from "./chain-link.ts";
import type { AsLinked } from "./entries-as-linked.ts";

/**
 * Entries in one transaction, each with its link: whoever else writes has a turn after so many. Accident: on SQLite a hundred held
 * everybody up for a quarter of a second (guard: no-standstill-audit.test.ts).
 */
export const entriesAtOnce = 20;

/** For whoever takes entries out of the log, or writes them anew. */
export interface Signing {
  readonly secretKeys: SecretKeys;
  readonly log: Pick<Log, "error">;
  readonly now: number;
}

/**
 * Links of entries that were purged stay: signed where the entry was as it was linked, so that the chain goes over the gap, and else
 * with a mark that it was not, which `verify-audit` reports. Nothing waits for it: an erasure is held up by no forgery. For within the
 * transaction of the purge. `isVouched`: whether who had it go is believed.
 */
export async function signPurged(
  transaction: Db,
  { secretKeys, log, now }: Signing,
  { links, fitting, added }: AsLinked,
  { gone, isVouched }: { readonly gone: readonly EntryRow[]; isVouched(entry: EntryRow): boolean },
): Promise<void> {
  const signers = chainKeys(secretKeys);
  const unsigned: number[] = [...added];
  for (const entry of gone) {
    const link = links.get(entry.id);
    if (link === undefined) continue;
    const isGood = fitting.has(entry.id) && isVouched(entry);
    if (!isGood) unsigned.push(entry.id);
    await transaction.kysely
      .updateTable("audit_links")
      .set(isGood ? signedPurge(signers, link, now) : { purge_signature: notSigned })
      .where("entry_id", "=", entry.id)
      .execute();
  }
  tellUnsigned(log, unsigned);
}

/** The end of a pass stays one, in the words of 0.7.0 too, which goes on from it. */
function signedPurge(signers: ReturnType<typeof chainKeys>, link: AuditLink, now: number) {
  const purged = { ...link, purged_at: now };
  return {
    purged_at: now,
    purge_signature: purgeSignatureOf(signers[0], purged),
    ...(isSigned(signers, link) ? { signature: signatureOf(signers[0], purged) } : {}),
  };
}

export function tellUnsigned(log: Pick<Log, "error">, ids: readonly number[]): void {
  if (ids.length === 0) return;
  log.error(
    { alarm: "audit_chain", trouble: "unsigned", entryId: Math.min(...ids), entries: ids.length },
    "entries of the audit log that were not as they were linked are purged or written anew: nothing is signed for them (docs/audit.md)",
  );
}
