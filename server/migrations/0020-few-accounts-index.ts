import { type Kysely, sql } from "kysely";

export const oldestProgram = 1;

/**
 * Administrators ask for staff, for superusers, for disabled accounts: few among many. Without an index of those few,
 * SQLite read a million accounts to find ten, and held everybody up for half a second.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create index users_staff_index on users (id) where is_staff = 1`.execute(db);
  await sql`create index users_superuser_index on users (id) where is_superuser = 1`.execute(db);
  await sql`create index users_disabled_index on users (id) where is_active = 0`.execute(db);
}
