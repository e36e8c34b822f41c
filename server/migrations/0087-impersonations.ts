import { type Kysely, sql } from "kysely";

/**
 * A program from before it would take such a session for its owner's: IMPERSONATION is off until an operator has every process on
 * this version (sessions/settings.ts).
 */
export const oldestProgram = 1;

/** Who acts in a session in its owner's place, in which session of their own; and in whose place an entry of the audit log was written. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable("sessions").addColumn("impersonator_id", "bigint").execute();
  await db.schema.alterTable("sessions").addColumn("impersonator_session", "varchar(22)").execute();
  await sql`create index sessions_impersonator_index on sessions (impersonator_id) where impersonator_id is not null`.execute(
    db,
  );
  await db.schema.alterTable("audit_entries").addColumn("on_behalf_of", "bigint").execute();
}
