import { readdirSync } from "node:fs";
import { type Kysely, sql } from "kysely";
import type { Clock } from "../lib/clock.ts";
import type { Database, Db } from "./database.ts";
import type { EngineName } from "./null-kysely.ts";
import type { Tables } from "./tables.ts";

/**
 * Brings the schema up to date: forward only, each migration in one transaction with its version row
 * written first, so that of several processes starting at once one does it and the others find it done.
 */
export interface Migration {
  // biome-ignore lint/suspicious/noExplicitAny: a migration speaks of the schema of its own time, not of today's Tables
  up(db: Kysely<any>, engine: EngineName): Promise<void>;
}

/** Any fixed number; shared by every process of the product on that PostgreSQL database. */
const advisoryLock = 7_306_071;
// A migration may take long, and the other processes wait for it.
const untimed = { untimed: true };
const folder = new URL("../../migrations/", import.meta.url);

/** Applies what is missing and returns the names of what it applied. */
export async function migrate(database: Database, clock: Clock): Promise<string[]> {
  const names = readdirSync(folder)
    .filter((file) => /^\d{4}-.*\.ts$/.test(file))
    .sort();
  await database.transaction(async (db) => {
    await lock(db);
    await db.kysely.schema
      .createTable("schema_migrations")
      .ifNotExists()
      .addColumn("name", "text", (column) => column.primaryKey())
      .addColumn("applied_at", "bigint", (column) => column.notNull())
      .execute();
  }, untimed);
  const applied: string[] = [];
  for (const name of names) {
    const migration = (await import(new URL(name, folder).href)) as Migration;
    const isNew = await database.transaction(async (db) => {
      await lock(db);
      const row = await db.kysely
        .insertInto("schema_migrations")
        .values({ name, applied_at: clock.now() })
        .onConflict((conflict) => conflict.doNothing())
        .returning("name")
        .executeTakeFirst();
      if (!row) return false;
      await migration.up(db.kysely as Kysely<Tables>, db.engine);
      return true;
    }, untimed);
    if (isNew) applied.push(name);
  }
  return applied;
}

/** Held until the transaction ends. SQLite's `begin immediate` has the same effect. */
async function lock(db: Db): Promise<void> {
  if (db.engine === "postgres") await sql`select pg_advisory_xact_lock(${advisoryLock})`.execute(db.kysely);
}
