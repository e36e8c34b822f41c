import type { Db } from "../engines/database/database.ts";
import type { SecretKeys } from "../kernel/keys.ts";
import { peekMark } from "./audit-marks.ts";
import { readChainStart } from "./chain-beginning.ts";
import { type AuditLink, chainKeys, isSigned } from "./chain-link.ts";

/** The last link of a pass. */
export interface ChainHead {
  readonly entryId: number;
  readonly hash: string;
}

/** Why a chain is not gone on with. */
export interface RefusedHead {
  readonly trouble: /** There is no link where the last pass ended. */
    | "missing"
    /** There are links, and the mark says that none was made yet; or there are some behind it. */
    | "unmarked"
    /** It was not signed under a SECRET_KEY that is known here. */
    | "signature"
    /** The mark of how the chain was begun anew was not. */
    | "beginning"
    /** What this process saw as the head is not there any more, or is another one. */
    | "replaced";
  /** The entry whose link it is about. */
  readonly entryId: number;
}

/**
 * What the next link is made over: the link at the mark, which is the last of a pass and so is signed. Promise: nothing that somebody
 * without SECRET_KEY wrote is gone on from, and nothing behind a head that this process saw (attack: whoever has the database alone
 * makes the chain anew and leaves the signing to the server; guard: audit-chain-forged.test.ts). `seen`: null after a start.
 */
export async function chainHead(
  db: Db,
  {
    mark,
    secretKeys,
    seen,
  }: { readonly mark: number; readonly secretKeys: SecretKeys; readonly seen: ChainHead | null },
): Promise<{ readonly hash: string } | RefusedHead> {
  if (seen !== null) {
    const now = await linkAt(db, seen.entryId);
    if (now?.hash !== seen.hash) return { trouble: "replaced", entryId: seen.entryId };
  }
  const later = await db.kysely
    .selectFrom("audit_links")
    .select("entry_id")
    .where("entry_id", ">", mark)
    .orderBy("entry_id")
    .limit(1)
    .executeTakeFirst();
  if (later !== undefined) return { trouble: "unmarked", entryId: later.entry_id };
  if (mark === 0) {
    const start = await readChainStart(db, secretKeys);
    return start.isSigned ? start : { trouble: "beginning", entryId: start.entryId };
  }
  const link = await linkAt(db, mark);
  if (link === undefined) return { trouble: "missing", entryId: mark };
  const isGood = isSigned(chainKeys(secretKeys), link);
  return isGood ? { hash: link.hash } : { trouble: "signature", entryId: mark };
}

/**
 * The same for who only looks, without a lock: a pass that ends between two of the reads is no trouble (accident: `doctor` said that links
 * stood behind the mark). Null before the first pass began.
 */
export async function peekHead(
  db: Db,
  secretKeys: SecretKeys,
): Promise<{ readonly hash: string } | RefusedHead | null> {
  for (let mark = await peekMark(db, "chain"); ; ) {
    if (mark === null) return null;
    const head = await chainHead(db, { mark, secretKeys, seen: null });
    const now = await peekMark(db, "chain");
    if (!("trouble" in head) || now === mark) return head;
    mark = now;
  }
}

const linkAt = (db: Db, entryId: number): Promise<AuditLink | undefined> =>
  db.kysely.selectFrom("audit_links").selectAll().where("entry_id", "=", entryId).executeTakeFirst();
