import type { Db } from "../../engines/database/database.ts";
import type { SecretKeys } from "../../kernel/keys.ts";
import { listTurns, writeSealed } from "./key-store.ts";
import type { Turn } from "./key-turns.ts";
import { resealSigningKey } from "./signing-key.ts";

/** What is encrypted in the database, where SECRET_KEY takes another's place. */

function resealed(secretKeys: SecretKeys, { algorithm, kid, sealed }: Turn): string | null {
  if (algorithm === "HS256" || sealed === null) return null;
  return resealSigningKey(secretKeys, { algorithm, kid, sealed });
}

/** How many values would be lost without the keys before. */
export async function countUnderBefore(db: Db, secretKeys: SecretKeys): Promise<number> {
  return (await listTurns(db)).filter((turn) => resealed(secretKeys, turn) !== null).length;
}

/** Encrypts them under the present key, in the caller's transaction; returns how many. */
export async function resealAll(transaction: Db, secretKeys: SecretKeys): Promise<number> {
  let count = 0;
  for (const turn of await listTurns(transaction)) {
    const sealed = resealed(secretKeys, turn);
    if (sealed === null) continue;
    await writeSealed(transaction, turn.turn, sealed);
    count++;
  }
  return count;
}
