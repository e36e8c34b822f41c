import type { Kysely } from "kysely";

export const oldestProgram = 1;

/** When a code to the account's number came back last: carriers give numbers out again. Null where nobody noted it. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable("users").addColumn("mobile_proved_at", "bigint").execute();
}
