import type { Kysely } from "kysely";

/** A program from before it asks nobody for a user name: who signs up by it without one keeps the one that was made. */
export const oldestProgram = 1;

/** 1 where nobody chose the account's user name, and its owner is still to be asked (USERNAME=later). */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable("users").addColumn("username_due", "integer").execute();
}
