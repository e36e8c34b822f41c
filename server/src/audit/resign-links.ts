import { sql } from "kysely";
import type { Db } from "../engines/database/database.ts";
import type { SecretKeys } from "../kernel/keys.ts";
import { nextTurn } from "../kernel/next-turn.ts";
import { holdChain } from "./audit-chain.ts";
import { type AuditLink, chainKeys, notSigned, purgeSignatureOf, signatureOf } from "./chain-link.ts";

/** So many links in a transaction: erasures wait for it. */
const pageSize = 200;

/**
 * Every signature of the chain under the present SECRET_KEY, where it is good under one from before; returns of how many links. Accident: a
 * purge beside it signed a link for the time it went, and the signature of the link as it was read went over that one, so that the chain
 * ended there for good. It holds the chain, page by page (guard: audit-resign.race.test.ts).
 */
export async function resignLinks(db: Db, secretKeys: SecretKeys): Promise<number> {
  let count = 0;
  for (let after: number | null = 0; after !== null; ) {
    const from: number = after;
    const page = await db.transaction((transaction) => resignPage(transaction, secretKeys, from));
    count += page.count;
    after = page.last;
    await nextTurn();
  }
  return count;
}

async function resignPage(
  transaction: Db,
  secretKeys: SecretKeys,
  after: number,
): Promise<{ readonly count: number; readonly last: number | null }> {
  await holdChain(transaction);
  const links = await transaction.kysely
    .selectFrom("audit_links")
    .select(["entry_id", "hash", "signature", "purged_at", "purge_signature"])
    .where("entry_id", ">", after)
    .where(sql<boolean>`(signature is not null or purge_signature is not null)`)
    .orderBy("entry_id")
    .limit(pageSize)
    .execute();
  const keys = chainKeys(secretKeys);
  let count = 0;
  for (const link of links) {
    const anew = signedAnew(keys, link);
    if (Object.keys(anew).length === 0) continue;
    const update = transaction.kysely.updateTable("audit_links").set(anew);
    await update.where("entry_id", "=", link.entry_id).execute();
    count++;
  }
  return { count, last: links.at(-1)?.entry_id ?? null };
}

function signedAnew(
  [present, ...before]: ReturnType<typeof chainKeys>,
  link: Pick<AuditLink, "entry_id" | "hash" | "signature" | "purged_at" | "purge_signature">,
): Partial<Pick<AuditLink, "signature" | "purge_signature">> {
  const { signature, purge_signature: purge } = link;
  return {
    ...(before.some((key) => signatureOf(key, link) === signature)
      ? { signature: signatureOf(present, link) }
      : {}),
    ...(purge !== notSigned && before.some((key) => purgeSignatureOf(key, link) === purge)
      ? { purge_signature: purgeSignatureOf(present, link) }
      : {}),
  };
}
