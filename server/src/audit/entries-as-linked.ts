import type { Db } from "../engines/database/database.ts";
import type { SecretKeys } from "../kernel/keys.ts";
import { nextTurn } from "../kernel/next-turn.ts";
import { pageSize as passSize } from "./audit-chain.ts";
import { peekMark } from "./audit-marks.ts";
import { readChainStart } from "./chain-beginning.ts";
import { type EntryRow, nextHash } from "./chain-entry.ts";
import { type AuditLink, chainKeys, isSigned } from "./chain-link.ts";
import { checkEntry, readPersons } from "./check-entry.ts";

/**
 * Which entries are as the chain has them. Promise: one that is said to be fits its link, and a signature under SECRET_KEY stands behind
 * that link with nothing but links that follow from each other in between. Attack: whoever has the database alone changes an entry, or
 * makes a link anew, and has the maintenance sign for it (guard: audit-chain-laundered.test.ts).
 */
export interface AsLinked {
  /** By the entry's number; none where there is no link. */
  readonly links: ReadonlyMap<number, AuditLink>;
  /** Numbers of entries that have a link and are as it says. */
  readonly fitting: ReadonlySet<number>;
  /** Numbers of entries that have none, where the chain is past them. */
  readonly added: readonly number[];
}

export async function findAsLinked(
  transaction: Db,
  secretKeys: SecretKeys,
  entries: readonly EntryRow[],
): Promise<AsLinked> {
  const links = await linksOf(
    transaction,
    entries.map(({ id }) => id),
  );
  const mark = (await peekMark(transaction, "chain")) ?? 0;
  const added = entries.map(({ id }) => id).filter((id) => id <= mark && !links.has(id));
  const fitting = new Set<number>();
  if (links.size === 0) return { links, fitting, added };
  const persons = await readPersons(transaction, entries);
  const good = new Set<number>();
  for (const entry of entries.toSorted((one, other) => one.id - other.id)) {
    const link = links.get(entry.id);
    if (link === undefined || checkEntry(entry, link, persons).troubles.length > 0) continue;
    if (!good.has(entry.id)) {
      for (const id of await signedFrom(transaction, secretKeys, entry.id)) good.add(id);
      await nextTurn();
    }
    if (good.has(entry.id)) fitting.add(entry.id);
  }
  return { links, fitting, added };
}

async function linksOf({ kysely }: Db, ids: readonly number[]): Promise<Map<number, AuditLink>> {
  if (ids.length === 0) return new Map();
  const found = await kysely.selectFrom("audit_links").selectAll().where("entry_id", "in", ids).execute();
  return new Map(found.map((link) => [link.entry_id, link]));
}

/** The links from this one on to the next that is signed, which a pass's length has; none where one does not follow. */
async function signedFrom(db: Db, secretKeys: SecretKeys, entryId: number): Promise<readonly number[]> {
  const signers = chainKeys(secretKeys);
  const links = db.kysely.selectFrom("audit_links").selectAll();
  const before = await links.where("entry_id", "<", entryId).orderBy("entry_id", "desc").limit(1).execute();
  const from = links.where("entry_id", ">=", entryId).orderBy("entry_id").limit(passSize);
  let hash = before[0]?.hash ?? (await readChainStart(db, secretKeys)).hash;
  const met: number[] = [];
  for (const link of await from.execute()) {
    hash = nextHash(hash, link);
    if (hash !== link.hash) return [];
    met.push(link.entry_id);
    if (isSigned(signers, link)) return met;
  }
  return [];
}
