import type { Kysely } from "kysely";

/**
 * The proved number itself and no flag: where a program from before changes a number, the one that was proved is another
 * one, and nothing is taken for proved.
 */
export const oldestProgram = 1;

/** Whose number a code came back for; and by what a message in the development mailbox went out (null: mail). */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable("users").addColumn("proved_mobile", "varchar(20)").execute();
  await db.schema.alterTable("mailbox_messages").addColumn("channel", "varchar(5)").execute();
}
