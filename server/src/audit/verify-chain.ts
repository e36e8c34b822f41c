import type { Db } from "../engines/database/database.ts";
import type { SecretKeys } from "../kernel/keys.ts";
import { pageSize as passSize } from "./audit-chain.ts";
import { peekMark } from "./audit-marks.ts";
import { type ChainBeginning, readChainStart } from "./chain-beginning.ts";
import { type EntryRow, nextHash } from "./chain-entry.ts";
import { type AuditLink, chainKeys, isPurgeSigned, isSigned, notSigned } from "./chain-link.ts";
import { checkEntry, type EntryTrouble, type Persons, readPersons } from "./check-entry.ts";

/**
 * Reads the audit log against its chain. Promise: whoever changed, removed or put in an entry that was linked, without SECRET_KEY,
 * is named by the entry's number; a person's values that an erasure took out are no trouble, but of somebody who is still here they
 * are (guard: audit-chain.test.ts does each of these to a log by hand).
 */
export interface ChainFinding {
  readonly entryId: number;
  readonly what:
    | EntryTrouble
    /** A purge took it and did not sign: it was not as it was linked, or who was erased is not vouched for. */
    | "unsigned"
    /** It is gone, and no purge signed for it; or the chain ends before where it was. */
    | "missing"
    /** It stands among linked ones and was never linked. */
    | "added"
    /** A link does not follow from the one before. */
    | "broken"
    /** Signed by nobody who had a SECRET_KEY that is known here. */
    | "signature"
    /** The mark of how the chain was begun anew is not signed so. */
    | "beginning"
    /** What was noted of this entry is not what stands here. */
    | "head";
}

export interface ChainReport {
  readonly linked: number;
  /** Written since the last pass. */
  readonly notLinked: number;
  /** Entries that a purge took, with its signature. */
  readonly purged: number;
  /** Entries without the values of a person who was erased. */
  readonly erased: number;
  /** `<number>:<hash>` of the last link, to be noted elsewhere; null for none. */
  readonly head: string | null;
  /** When and by whom the chain was begun anew; null where it never was. */
  readonly begun: ChainBeginning | null;
  /** The first hundred. */
  readonly findings: readonly ChainFinding[];
  readonly found: number;
}

const pageSize = 500;
const mostFindings = 100;

/** `noted`: a head of before, `<number>:<hash>`: that the chain still goes through it. */
export async function verifyChain(
  db: Db,
  secretKeys: SecretKeys,
  noted: { readonly entryId: number; readonly hash: string } | null,
): Promise<ChainReport> {
  const signers = chainKeys(secretKeys);
  const findings: ChainFinding[] = [];
  const sums = { linked: 0, purged: 0, erased: 0, found: 0 };
  const find = (entryId: number, what: ChainFinding["what"]) => {
    sums.found++;
    if (findings.length < mostFindings) findings.push({ entryId, what });
  };
  // Before the links: a pass meanwhile moves it on, and never back.
  const mark = (await peekMark(db, "chain")) ?? 0;
  const start = await readChainStart(db, secretKeys);
  if (!start.isSigned) find(start.entryId, "beginning");
  let unsigned = 0;
  let before: AuditLink | null = null;
  let isNotedSeen = false;
  for (;;) {
    const page = await readPage(db, before?.entry_id ?? 0);
    for (const link of page.links) {
      sums.linked++;
      if (nextHash(before?.hash ?? start.hash, link) !== link.hash) find(link.entry_id, "broken");
      if (link.signature !== null && !isSigned(signers, link)) find(link.entry_id, "signature");
      // A pass is written at once and its last link signed, so none is without one for longer.
      unsigned = link.signature === null ? unsigned + 1 : 0;
      if (unsigned === passSize) find(link.entry_id, "signature");
      before = link;
      if (noted?.entryId === link.entry_id) {
        isNotedSeen = true;
        if (noted.hash !== link.hash) find(link.entry_id, "head");
      }
      const entry = page.entries.get(link.entry_id);
      if (entry !== undefined) {
        const { troubles, isErased } = checkEntry(entry, link, page.persons);
        for (const trouble of troubles) find(entry.id, trouble);
        if (isErased) sums.erased++;
      } else if (isPurgeSigned(signers, link)) sums.purged++;
      else find(link.entry_id, link.purge_signature === notSigned ? "unsigned" : "missing");
    }
    for (const id of page.unlinked) find(id, "added");
    if (page.links.length < pageSize) break;
  }
  if (before !== null && before.signature === null) find(before.entry_id, "signature");
  if (mark > (before?.entry_id ?? 0)) find(mark, "missing");
  if (noted !== null && !isNotedSeen) find(noted.entryId, "head");
  const head = before === null ? null : `${before.entry_id}:${before.hash}`;
  return {
    ...sums,
    notLinked: await countAfter(db, before?.entry_id ?? 0),
    head,
    begun: start.beginning,
    findings,
  };
}

interface Page {
  readonly links: readonly AuditLink[];
  readonly entries: ReadonlyMap<number, EntryRow>;
  readonly persons: Persons;
  readonly unlinked: readonly number[];
}

async function readPage(db: Db, after: number): Promise<Page> {
  const { kysely } = db;
  const links = await kysely
    .selectFrom("audit_links")
    .selectAll()
    .where("entry_id", ">", after)
    .orderBy("entry_id")
    .limit(pageSize)
    .execute();
  const last = links.at(-1)?.entry_id ?? after;
  const entries = await kysely
    .selectFrom("audit_entries")
    .selectAll()
    .where("id", ">", after)
    .where("id", "<=", last)
    .execute();
  const linked = new Set(links.map(({ entry_id }) => entry_id));
  return {
    links,
    entries: new Map(entries.map((entry) => [entry.id, entry])),
    persons: await readPersons(db, entries),
    unlinked: entries.map(({ id }) => id).filter((id) => !linked.has(id)),
  };
}

async function countAfter({ kysely }: Db, after: number): Promise<number> {
  const row = await kysely
    .selectFrom("audit_entries")
    .select((entry) => entry.fn.countAll<number>().as("count"))
    .where("id", ">", after)
    .executeTakeFirstOrThrow();
  return Number(row.count);
}
