import { type Kysely, sql } from "kysely";

/** A program from before it goes on refusing an address for good; the maintenance of this one ends it. */
export const oldestProgram = 1;

const twoYears = 2 * 365 * 24 * 3600 * 1000;

/** An address is refused for two years at most (admission/denials.ts), counted from when it was written down. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`update denials set ends_at = created_at + ${sql.lit(twoYears)}
    where kind = 'email' and (ends_at is null or ends_at > created_at + ${sql.lit(twoYears)})`.execute(db);
}
