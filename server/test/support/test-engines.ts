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

/** An empty database of its own on the run's PostgreSQL. */
export async function freshPostgresUrl(): Promise<string> {
  const server = inject("postgresUrl");
  if (!server) throw new Error("PostgreSQL is missing on this machine");
  const name = `test_${randomUUID().replaceAll("-", "")}`;
  const client = new pg.Client({ connectionString: server });
  await client.connect();
  await client.query(`create database ${name}`);
  await client.end();
  return server.replace(/\/postgres$/, `/${name}`);
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
  const database = openPostgres({ url: await freshPostgresUrl(), poolSize: 10 });
  await migrate(database, systemClock);
  return database;
}

/** A migrated database on the engine of the pair. */
export function temporaryDatabase(pair: ChosenEngines): Promise<Database> {
  return pair === "sqlite" ? temporarySqlite() : temporaryPostgres();
}
