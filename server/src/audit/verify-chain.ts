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
 * are (guard: audit-chain.test.ts does each of these to a log by hand). Nothing is found because the maintenance or an erasure worked
 * beside it (guard: audit-resign.race.test.ts).
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
    const { links, entries, unlinked } = await readSettled(db, signers, before?.entry_id ?? 0);
    for (const link of links) {
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
      const { troubles, isErased, isPurged } = entries.get(link.entry_id)!;
      for (const trouble of troubles) find(link.entry_id, trouble);
      if (isErased) sums.erased++;
      if (isPurged) sums.purged++;
    }
    for (const id of unlinked) find(id, "added");
    if (links.length < pageSize) break;
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
  readonly entries: ReadonlyMap<number, EntryState>;
  readonly unlinked: readonly number[];
}

/** What became of the entry of a link. */
interface EntryState {
  readonly troubles: readonly ChainFinding["what"][];
  readonly isErased: boolean;
  readonly isPurged: boolean;
}

/**
 * A page of which everything is of one time, as far as something is found in it. Accident: links are read before their entries, and those
 * before the persons' keys; a purge in between looked like an entry that is missing, and an erasure like a value that somebody changed.
 * What is there both times is no such thing.
 */
async function readSettled(db: Db, signers: Signers, after: number): Promise<Page> {
  const first = await readPage(db, signers, after);
  const isSound = first.unlinked.length === 0 && [...first.entries.values()].every(isWithout);
  if (isSound) return first;
  const last = first.links.at(-1)?.entry_id ?? after;
  const again = await readPage(db, signers, after, last);
  const both = ([id, state]: [number, EntryState]): [number, EntryState] => {
    const before = first.entries.get(id)?.troubles ?? state.troubles;
    return [id, { ...state, troubles: state.troubles.filter((what) => before.includes(what)) }];
  };
  return {
    links: again.links,
    entries: new Map([...again.entries].map(both)),
    unlinked: again.unlinked.filter((id) => first.unlinked.includes(id)),
  };
}

const isWithout = ({ troubles }: EntryState): boolean => troubles.length === 0;

type Signers = ReturnType<typeof chainKeys>;

/** `last`: the link that ends it, of a page that is read again. */
async function readPage(db: Db, signers: Signers, after: number, last?: number): Promise<Page> {
  const { kysely } = db;
  const some = kysely.selectFrom("audit_links").selectAll().where("entry_id", ">", after);
  const links = await (last === undefined ? some : some.where("entry_id", "<=", last))
    .orderBy("entry_id")
    .limit(pageSize)
    .execute();
  const rows = await kysely
    .selectFrom("audit_entries")
    .selectAll()
    .where("id", ">", after)
    .where("id", "<=", last ?? links.at(-1)?.entry_id ?? after)
    .execute();
  const persons = await readPersons(db, rows);
  const entries = new Map(rows.map((entry) => [entry.id, entry]));
  const linked = new Set(links.map(({ entry_id }) => entry_id));
  return {
    links,
    entries: new Map(
      links.map((link) => [link.entry_id, stateOf(link, entries.get(link.entry_id), persons, signers)]),
    ),
    unlinked: rows.map(({ id }) => id).filter((id) => !linked.has(id)),
  };
}

function stateOf(
  link: AuditLink,
  entry: EntryRow | undefined,
  persons: Persons,
  signers: Signers,
): EntryState {
  if (entry !== undefined) return { ...checkEntry(entry, link, persons), isPurged: false };
  if (isPurgeSigned(signers, link)) return { troubles: [], isErased: false, isPurged: true };
  const what = link.purge_signature === notSigned ? "unsigned" : "missing";
  return { troubles: [what], isErased: false, isPurged: false };
}

async function countAfter({ kysely }: Db, after: number): Promise<number> {
  const row = await kysely
    .selectFrom("audit_entries")
    .select((entry) => entry.fn.countAll<number>().as("count"))
    .where("id", ">", after)
    .executeTakeFirstOrThrow();
  return Number(row.count);
}
