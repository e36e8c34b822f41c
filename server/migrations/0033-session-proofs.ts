import type { Kysely } from "kysely";

export const oldestProgram = 1;

/**
 * When somebody proved last, in this session, that they are the account's owner, and by which second factor. Null in the rows
 * of programs before this one: then the log-in itself was the proof, and nobody noted whether it had a second half.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable("sessions").addColumn("proved_at", "bigint").execute();
  await db.schema.alterTable("sessions").addColumn("factor", "varchar(20)").execute();
}
