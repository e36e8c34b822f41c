import type { Kysely } from "kysely";

/** A program from before it begins such a chain as if it were the first: `verify-audit` reports that. */
export const oldestProgram = 1;

/** When, and by whom, the chain of the audit log was begun anew: what its first link is made over. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable("audit_marks").addColumn("said", "varchar(600)").execute();
  await db.schema.alterTable("audit_marks").addColumn("signature", "varchar(43)").execute();
}
