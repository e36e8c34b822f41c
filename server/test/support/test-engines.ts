import { randomUUID } from "node:crypto";
import { Redis } from "ioredis";
import pg from "pg";
import { inject } from "vitest";
import type { Database } from "../../src/engines/database/database.ts";
import { migrate } from "../../src/engines/database/migrate.ts";
import { openPostgres } from "../../src/engines/database/postgres.ts";
import { systemClock } from "../../src/kernel/clock.ts";
import { temporarySqlite } from "./sqlite.ts";

/** The engine pairs every suite runs on; the second is left out, loudly, where its binaries are missing. */
export type EnginePair = "sqlite" | "postgres+redis";

/** What one run of the application's suites has; `postgres`: in the place of Redis as well. */
export type ChosenEngines = EnginePair | "postgres";

if (inject("postgresUrl") === undefined) throw new Error("global-setup.ts did not run for this project");

export const enginePairs: readonly EnginePair[] =
  inject("postgresUrl") && inject("redisUrl") ? ["sqlite", "postgres+redis"] : ["sqlite"];

export const hasProductionEngines = enginePairs.length === 2;

function postgresServer(): string {
  const server = inject("postgresUrl");
  if (!server) throw new Error("PostgreSQL is missing on this machine");
  return server;
}

const urlOf = (database: string) => postgresServer().replace(/\/postgres$/, `/${database}`);

let admin: pg.Pool | undefined;

/** One connection per process, kept: what a new one does first takes PostgreSQL longer than a copy of a database. */
function postgresAdmin(): pg.Pool {
  if (admin) return admin;
  admin = new pg.Pool({
    ...{ connectionString: postgresServer(), max: 1, idleTimeoutMillis: 0, allowExitOnIdle: true },
  });
  // The run's end stops the server first; a query after that hears of it by itself.
  admin.on("error", () => {});
  return admin;
}

/** An empty database of its own on the run's PostgreSQL. */
export async function freshPostgresUrl(): Promise<string> {
  const name = `test_${randomUUID().replaceAll("-", "")}`;
  await postgresAdmin().query(`create database ${name}`);
  return urlOf(name);
}

/** The same with today's schema in it: a copy of the one that the first process of the run migrates. */
export async function migratedPostgresUrl(): Promise<string> {
  const name = `test_${randomUUID().replaceAll("-", "")}`;
  template ??= makeTemplate();
  await template;
  await postgresAdmin().query(`create database ${name} template migrated`);
  return urlOf(name);
}

let template: Promise<void> | undefined;

/** Of several processes one makes it, the others wait. */
async function makeTemplate(): Promise<void> {
  const client = await postgresAdmin().connect();
  await client.query("select pg_advisory_lock(1)");
  const { rowCount } = await client.query("select 1 from pg_database where datname = 'migrated'");
  if (rowCount === 0) {
    await client.query("create database migrating");
    const database = openPostgres({ url: urlOf("migrating"), poolSize: 2 });
    await migrate(database, systemClock).finally(() => database.close());
    await client.query("alter database migrating rename to migrated");
  }
  await client.query("select pg_advisory_unlock(1)");
  client.release();
}

const closed: string[] = [];
/** Thousands of databases would keep autovacuum busy for the whole run; a test may open its own once more. */
const keptDatabases = 20;

/** Says that a test is through with a database of its own; it is dropped after some others. */
export async function leavePostgres(url: string): Promise<void> {
  closed.push(new URL(url).pathname.slice(1));
  const over = closed.splice(0, Math.max(0, closed.length - keptDatabases));
  for (const name of over) await postgresAdmin().query(`drop database if exists ${name} with (force)`);
}

/** An empty logical database of its own on the run's Redis. */
export async function freshRedisUrl(): Promise<string> {
  const server = inject("redisUrl");
  if (!server) throw new Error("Redis is missing on this machine");
  const client = new Redis(server);
  const number = await client.incr("next-test-database");
  await client.quit();
  return `${server}/${number}`;
}

export async function temporaryPostgres(): Promise<Database> {
  const url = await migratedPostgresUrl();
  const database = openPostgres({ url, poolSize: 10 });
  return {
    ...database,
    async close() {
      await database.close();
      await leavePostgres(url);
    },
  };
}

/** A migrated database on the engine of the pair. */
export function temporaryDatabase(pair: ChosenEngines): Promise<Database> {
  return pair === "sqlite" ? temporarySqlite() : temporaryPostgres();
}
