import type { Kysely } from "kysely";

/** A program from before it keeps none: what its log-ins are granted is revoked by nobody. */
export const oldestProgram = 1;

/** What a third party gave that can be taken back there when the account is erased, encrypted; null where it gave nothing. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable("bindings").addColumn("sealed_grant", "text").execute();
}
