import { sql } from "kysely";
import type { Db } from "../engines/database/database.ts";
import type { SecretKeys } from "../kernel/keys.ts";
import { chainKeys, notSigned, purgeSignatureOf, signatureOf } from "./chain-link.ts";

/** Every signature of the chain under the present SECRET_KEY, where it is good under one from before; returns of how many links. */
export async function resignLinks(transaction: Db, secretKeys: SecretKeys): Promise<number> {
  const [present, ...before] = chainKeys(secretKeys);
  let count = 0;
  for (let after = 0; ; ) {
    const links = await transaction.kysely
      .selectFrom("audit_links")
      .select(["entry_id", "hash", "signature", "purged_at", "purge_signature"])
      .where("entry_id", ">", after)
      .where(sql<boolean>`(signature is not null or purge_signature is not null)`)
      .orderBy("entry_id")
      .limit(1000)
      .execute();
    for (const link of links) {
      const { signature, purge_signature: purge } = link;
      const anew = {
        ...(before.some((key) => signatureOf(key, link) === signature)
          ? { signature: signatureOf(present, link) }
          : {}),
        ...(purge !== notSigned && before.some((key) => purgeSignatureOf(key, link) === purge)
          ? { purge_signature: purgeSignatureOf(present, link) }
          : {}),
      };
      if (Object.keys(anew).length === 0) continue;
      const update = transaction.kysely.updateTable("audit_links").set(anew);
      await update.where("entry_id", "=", link.entry_id).execute();
      count++;
    }
    const last = links.at(-1);
    if (last === undefined) return count;
    after = last.entry_id;
  }
}
