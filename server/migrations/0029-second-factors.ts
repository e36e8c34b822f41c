import { type Kysely, sql } from "kysely";

/** A program from before it asks nobody for a second factor: none must run beside this one when people switch it on. */
export const oldestProgram = 1;

/**
 * Second factors of accounts: a secret shared with an authenticator app, encrypted under SECRET_KEY, and the recovery codes
 * that stand in for it, derived from a seed that is encrypted likewise. Both go with the account.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .alterTable("users")
    // When it was switched on; null while a log-in asks for none.
    .addColumn("second_factor_at", "bigint")
    .execute();
  await db.schema
    .createTable("totp_factors")
    .addColumn("user_id", "bigint", (column) =>
      column.primaryKey().notNull().references("users.id").onDelete("cascade"),
    )
    .addColumn("sealed", "varchar(200)", (column) => column.notNull())
    // Null until a first code proved that the app has the secret.
    .addColumn("confirmed_at", "bigint")
    // The time step of the last code that was taken: none counts twice (RFC 6238 section 5.2).
    .addColumn("last_step", "bigint", (column) => column.notNull().defaultTo(0))
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .execute();
  await db.schema
    .createTable("recovery_codes")
    .addColumn("user_id", "bigint", (column) =>
      column.primaryKey().notNull().references("users.id").onDelete("cascade"),
    )
    .addColumn("sealed", "varchar(200)", (column) => column.notNull())
    // A bit for each code that was used.
    .addColumn("used", "integer", (column) => column.notNull().defaultTo(0))
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .execute();
  await sql`create index users_second_factor_index on users (id) where second_factor_at is not null`.execute(
    db,
  );
}
