import type { Kysely } from "kysely";

export const oldestProgram = 1;

/** When an account that must have a second factor was first met without one: its days of grace count from then. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable("users").addColumn("second_factor_asked_at", "bigint").execute();
}
