import type { Db } from "../engines/database/database.ts";
import { hmac, type SecretKeys } from "../kernel/keys.ts";
import type { Actor, Audit } from "./audit.ts";
import { lockMark, setMark } from "./audit-marks.ts";
import { sha256 } from "./chain-entry.ts";
import { chainKeys, chainStart } from "./chain-link.ts";

/**
 * The chain begun anew, where SECRET_KEY was lost, or somebody has looked into what was found and it stays as it is. Promise: that it was,
 * when and by whom, is in the audit log and in a mark that is signed and that the first link is made over, so that nobody without SECRET_KEY
 * begins one, and nobody takes it away again without being found (guard: audit-begun-anew.test.ts).
 */
export interface ChainBeginning {
  /** ISO 8601. */
  readonly at: string;
  readonly by: string;
  /** How the chain before ended, `<number>:<hash>`; null for none. */
  readonly oldHead: string | null;
  /** What was found in it. */
  readonly found: number;
  /** What the chain before was begun over. */
  readonly over: string;
}

export interface ChainStart {
  /** What the first link is made over. */
  readonly hash: string;
  /** The entry that says so; 0 where it was never begun anew. */
  readonly entryId: number;
  /** Null where it never was, and where the mark is not signed. */
  readonly beginning: ChainBeginning | null;
  readonly isSigned: boolean;
}

const name = "chain begun";

const signatureOf = (key: Buffer, entryId: number, said: string): string =>
  hmac(key, "begun", String(entryId), said, "").toString("base64url");

const markOf = (db: Db) => db.kysely.selectFrom("audit_marks").selectAll().where("name", "=", name);

export async function readChainStart(db: Db, secretKeys: SecretKeys): Promise<ChainStart> {
  const mark = await markOf(db).executeTakeFirst();
  if (mark === undefined) return { hash: chainStart, entryId: 0, beginning: null, isSigned: true };
  const { entry_id: entryId, signature } = mark;
  const said = mark.said ?? "";
  const isSigned = chainKeys(secretKeys).some((key) => signatureOf(key, entryId, said) === signature);
  return {
    hash: sha256(JSON.stringify([chainStart, entryId, said])),
    entryId,
    beginning: isSigned ? (JSON.parse(said) as ChainBeginning) : null,
    isSigned,
  };
}

export interface BeginAnew {
  readonly secretKeys: SecretKeys;
  readonly audit: Pick<Audit, "record">;
  readonly actor: Actor;
  readonly now: number;
  /** Of the chain that ends, as it was checked just now. */
  readonly oldHead: string | null;
  readonly found: number;
  /** How many erasures are vouched for from now on that were not (rights/erased-mac.ts). */
  readonly vouched: number;
}

/** In the caller's transaction: writes the entry, removes every link and has the next pass begin with the oldest entry. */
export async function beginAnew(transaction: Db, how: BeginAnew): Promise<ChainBeginning> {
  const { secretKeys, audit, actor, oldHead, found, vouched } = how;
  const { kysely } = transaction;
  await lockMark(transaction, "chain");
  const action = "system.audit-chain-begun";
  await audit.record(transaction, actor, {
    ...{ action, targetKind: "system", targetId: 0, target: "audit_links" },
    ...{ before: { head: oldHead, found }, after: { vouched } },
  });
  const entry = kysely.selectFrom("audit_entries").select("id").where("target_kind", "=", "system");
  const { id } = await entry
    .where("action", "=", action)
    .orderBy("id", "desc")
    .limit(1)
    .executeTakeFirstOrThrow();
  const { hash: over } = await readChainStart(transaction, secretKeys);
  const beginning = {
    at: new Date(how.now).toISOString(),
    by: actor.name.slice(0, 150),
    oldHead,
    found,
    over,
  };
  const said = JSON.stringify(beginning);
  const mark = { entry_id: id, said, signature: signatureOf(chainKeys(secretKeys)[0], id, said) };
  await kysely
    .insertInto("audit_marks")
    .values({ name, ...mark })
    .onConflict((conflict) => conflict.column("name").doUpdateSet(mark))
    .execute();
  await kysely.deleteFrom("audit_links").execute();
  await setMark(transaction, "chain", 0);
  return beginning;
}

/** The mark under the present SECRET_KEY, where it is good under one from before; returns how many: 1 or 0. */
export async function resignBeginning(transaction: Db, secretKeys: SecretKeys): Promise<number> {
  const [present, ...before] = chainKeys(secretKeys);
  // Or the signature of this one goes over that of a chain that is begun anew just now.
  await lockMark(transaction, "chain");
  const mark = await markOf(transaction).executeTakeFirst();
  if (mark === undefined || mark.said === null) return 0;
  const { entry_id: entryId, said } = mark;
  if (!before.some((key) => signatureOf(key, entryId, said) === mark.signature)) return 0;
  const anew = { signature: signatureOf(present, entryId, said) };
  await transaction.kysely.updateTable("audit_marks").set(anew).where("name", "=", name).execute();
  return 1;
}
