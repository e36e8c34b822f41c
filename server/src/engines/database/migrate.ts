import { type Kysely, sql } from "kysely";
import type { Clock } from "../../kernel/clock.ts";
import type { Database, Db } from "./database.ts";
import type { EngineName } from "./null-kysely.ts";
import { type MigrationFiles, migrationFiles, refuseNewerSchema, refuseUnaware } from "./schema-level.ts";
import type { Tables } from "./tables.ts";

/**
 * Brings the schema up to date: forward only, each migration in one transaction with its version row
 * written first, so that of several processes starting at once one does it and the others find it done.
 */
export interface Migration {
  /** The level of the oldest program that may run beside it: see schema-level.ts. */
  readonly oldestProgram: number;
  // biome-ignore lint/suspicious/noExplicitAny: a migration speaks of the schema of its own time, not of today's Tables
  up(db: Kysely<any>, engine: EngineName): Promise<void>;
}

/** Any fixed number; shared by every process of the product on that PostgreSQL database. */
const advisoryLock = 7_306_071;
// A migration may take long, and the other processes wait for it.
const untimed = { untimed: true };

/** Applies what is missing and returns the names of what it applied. Throws a ToldError on a newer program's database. */
export async function migrate(
  database: Database,
  clock: Clock,
  { files, level }: MigrationFiles = migrationFiles(),
): Promise<string[]> {
  const present = await database.transaction(async (db) => {
    await lock(db);
    await makeList(db);
    await refuseNewerSchema(db, level);
    const rows = await db.kysely.selectFrom("schema_migrations").select("name").execute();
    return new Set(rows.map(({ name }) => name));
  }, untimed);
  const applied: string[] = [];
  for (const { name, url } of files) {
    // The newest is offered always: a database that was moved elsewhere refuses it (move-mark.ts).
    if (present.has(name) && name !== files.at(-1)?.name) continue;
    const migration = (await import(url.href)) as Migration;
    const { oldestProgram } = migration;
    if (!Number.isInteger(oldestProgram)) throw new Error(`migration ${name} exports no oldestProgram`);
    const isNew = await database.transaction(async (db) => {
      await lock(db);
      const row = await db.kysely
        .insertInto("schema_migrations")
        .values({ name, applied_at: clock.now(), oldest_program: oldestProgram })
        .onConflict((conflict) => conflict.doNothing())
        .returning("name")
        .executeTakeFirst();
      if (!row) return false;
      await migration.up(db.kysely as Kysely<Tables>, db.engine);
      await refuseUnaware(db, oldestProgram);
      return true;
    }, untimed);
    if (isNew) applied.push(name);
  }
  return applied;
}

/** The list of what was applied; one that is older than the levels gets their column. */
async function makeList(db: Db): Promise<void> {
  await db.kysely.schema
    .createTable("schema_migrations")
    .ifNotExists()
    .addColumn("name", "text", (column) => column.primaryKey())
    .addColumn("applied_at", "bigint", (column) => column.notNull())
    .addColumn("oldest_program", "integer")
    .execute();
  const { rows } =
    db.engine === "sqlite"
      ? await sql`select 1 from pragma_table_info('schema_migrations') where name = 'oldest_program'`.execute(
          db.kysely,
        )
      : await sql`select 1 from information_schema.columns where table_schema = current_schema()
          and table_name = 'schema_migrations' and column_name = 'oldest_program'`.execute(db.kysely);
  if (rows.length > 0) return;
  await db.kysely.schema.alterTable("schema_migrations").addColumn("oldest_program", "integer").execute();
}

/** Held until the transaction ends. SQLite's `begin immediate` has the same effect. */
async function lock(db: Db): Promise<void> {
  if (db.engine === "postgres") await sql`select pg_advisory_xact_lock(${advisoryLock})`.execute(db.kysely);
}
