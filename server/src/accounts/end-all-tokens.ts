import { sql } from "kysely";
import type { Db } from "../engines/database/database.ts";
import { randomShift } from "./credentials-version.ts";

/**
 * Gives every account another credentials version, in one statement, so no account is left out and none is ended twice
 * (guard: end-all-tokens.race.test.ts). `now` in epoch milliseconds ends what other services issued before it. Returns
 * how many accounts there are. Whoever logs in meanwhile gets a token of before or of after, never one of neither.
 */
export async function endAllTokens(transaction: Db, now: number): Promise<number> {
  const { least, range, shift } = randomShift();
  // In 64 bits: PostgreSQL's integer has no room for the sum.
  const version = sql<number>`cast(${least} as bigint) + (cast(credentials_version as bigint) + cast(${shift} as bigint)) % cast(${range} as bigint)`;
  const { numUpdatedRows } = await transaction.kysely
    .updateTable("users")
    .set({ credentials_version: version, credentials_changed_at: now, updated_at: now })
    .executeTakeFirstOrThrow();
  return Number(numUpdatedRows);
}
