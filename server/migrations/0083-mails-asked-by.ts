import type { Kysely } from "kysely";

/** A program from before it notes nobody who asked, as it did. */
export const oldestProgram = 1;

/**
 * Who was logged in and asked for a code by mail or SMS: an address that was wanted and never confirmed is in no row of the account, and
 * goes with it by this.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable("mails").addColumn("asked_by", "bigint").execute();
  await db.schema
    .createIndex("mails_asked_by_index")
    .on("mails")
    .column("asked_by")
    .where("asked_by", "is not", null)
    .execute();
}
