import type { Kysely } from "kysely";

/** A program from before it leaves the column empty. */
export const oldestProgram = 1;

/** The job that sends a mail, so that staff who see a mail refused can have it tried again. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable("mails").addColumn("job_id", "varchar(100)").execute();
}
