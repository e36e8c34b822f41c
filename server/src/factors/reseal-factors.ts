import type { Db } from "../engines/database/database.ts";
import type { SecretKeys } from "../kernel/keys.ts";
import { type FactorTable, sealedAfter, writeSealedFactor } from "./factor-store.ts";
import { createFactorSeal, type FactorKind, type SealedFactor } from "./sealed-factor.ts";

/** Second factors, where SECRET_KEY takes another's place. */
const kinds: readonly (readonly [FactorTable, FactorKind])[] = [
  ["totp_factors", "totp"],
  ["recovery_codes", "recovery_code"],
];

/** How many of them would be lost without the keys before; stops counting at the first thousand. */
export async function countFactorsUnderBefore(db: Db, secretKeys: SecretKeys): Promise<number> {
  let count = 0;
  await forEachUnderBefore(db, secretKeys, async () => ++count < 1000);
  return count;
}

/** Encrypts them under the present key, in the caller's transaction; returns how many. */
export async function resealFactors(transaction: Db, secretKeys: SecretKeys): Promise<number> {
  let count = 0;
  await forEachUnderBefore(transaction, secretKeys, async (table, { user_id, sealed: before }, sealed) => {
    await writeSealedFactor(transaction, table, { user_id, before, sealed });
    count++;
    return true;
  });
  return count;
}

/** `visit` gets each as it would be sealed under the present key; it says whether to go on. */
async function forEachUnderBefore(
  db: Db,
  secretKeys: SecretKeys,
  visit: (table: FactorTable, row: SealedFactor, resealed: string) => Promise<boolean>,
): Promise<void> {
  const factorSeal = createFactorSeal(secretKeys);
  for (const [table, kind] of kinds) {
    let after = 0;
    for (;;) {
      const page = await sealedAfter(db, table, after);
      for (const row of page) {
        const resealed = factorSeal.reseal(row, kind);
        if (resealed !== null && !(await visit(table, row, resealed))) return;
      }
      const last = page.at(-1);
      if (last === undefined) break;
      after = last.user_id;
    }
  }
}
