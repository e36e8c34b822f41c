import type { Config } from "../config/config.ts";
import type { Database } from "../engines/database/database.ts";
import { requireSchema } from "../engines/database/database-in-use.ts";
import { migrate } from "../engines/database/migrate.ts";
import { refuseUnfinished } from "../engines/database/move-target.ts";
import { openPostgres } from "../engines/database/postgres.ts";
import { explained } from "../engines/database/postgres-trouble.ts";
import { probeDatabase } from "../engines/database/probe.ts";
import { openSqlite } from "../engines/database/sqlite.ts";
import { tryDatabase } from "../engines/database/trial.ts";
import type { JobDefinition, Jobs, JobsAdmin } from "../engines/jobs/jobs.ts";
import { createLocalJobs, type LocalRunner } from "../engines/jobs/local-runner.ts";
import type { Purge } from "../engines/jobs/maintenance.ts";
import type { KeyValue } from "../engines/kv/kv.ts";
import type { Claim } from "../engines/kv/redis-claim.ts";
import { redisKeys } from "../engines/kv/redis-keys.ts";
import { createSqlKv } from "../engines/kv/sql-kv.ts";
import { moveEntriesNearer } from "../engines/kv/sql-kv-entries.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Log } from "../kernel/log.ts";

/**
 * Which engine stands behind each contract: two variables, DATABASE_URL and REDIS_URL, decide. The clients of
 * Redis are loaded only where it is used: they cost every start a sixth of its time and 15 MB.
 */

/**
 * Opens the database the configuration names; the schema is brought up to date by `migrate`. `connectionTimeoutMillis`: a request's
 * unless told otherwise.
 */
export function openDatabase(config: Config, connectionTimeoutMillis?: number): Database {
  if (config.database.engine === "sqlite") return openSqlite(config.database.file);
  const { url, poolSize } = config.database;
  return openPostgres({ url, poolSize, connectionTimeoutMillis });
}

/**
 * Brings the database up to date on a connection of its own, and tries what requests need of it; returns the names of
 * what was applied. ToldError where an operator has to put something right, and where there is no database although it
 * is one to be `existing`.
 */
export async function migrateDatabase(
  config: Config,
  clock: Clock,
  { existing = false }: { readonly existing?: boolean } = {},
): Promise<string[]> {
  // Ten processes that start at once on a small machine take turns.
  const db = openDatabase(config, 5000);
  try {
    return await explained(config, async () => {
      if (existing) await requireSchema(config, db);
      await refuseUnfinished(db);
      const applied = await migrate(db, clock);
      // A command that only looks must not fail because it can't write, on a full disk for example.
      if (existing) return applied;
      await tryDatabase(db);
      await probeDatabase(db);
      return applied;
    });
  } finally {
    await db.close();
  }
}

export interface OpenKv {
  readonly kv: KeyValue;
  /** Whose the keys are; null in the database, which says so itself. */
  readonly claim: Claim | null;
}

/** Redis when it is configured, otherwise the database. Waits a moment for Redis, never for ever. */
export async function openKv(config: Config, db: Database, clock: Clock, log: Log): Promise<OpenKv> {
  if (config.redisUrl === null) return { kv: createSqlKv(db, clock), claim: null };
  const [{ closeRedis, connectRedis, redisReady }, { createRedisKv }, { createRedisClaim }, { tryRedis }] =
    await Promise.all([
      import("../engines/kv/redis-connection.ts"),
      import("../engines/kv/redis-kv.ts"),
      import("../engines/kv/redis-claim.ts"),
      import("../engines/kv/redis-trial.ts"),
    ]);
  const client = connectRedis(config.redisUrl, "prompt", log);
  const keys = redisKeys(config.redisPrefix);
  if (await redisReady(client, 2000)) {
    await tryRedis(client, keys, log).catch(async (error: unknown) => {
      await closeRedis(client);
      await db.close();
      throw error;
    });
  }
  return { kv: createRedisKv(client, keys), claim: createRedisClaim(client, keys) };
}

export interface OpenJobs {
  readonly jobs: Jobs;
  readonly admin: JobsAdmin;
  readonly runner: LocalRunner;
  /** What the queue keeps beside the database. */
  readonly purges: readonly Purge[];
  close(): Promise<void>;
}

/** BullMQ when Redis is configured, otherwise the database. */
export async function openJobs(
  config: Config,
  parts: { db: Database; clock: Clock; log: Log; definitions: readonly JobDefinition[] },
): Promise<OpenJobs> {
  const concurrency = config.workerConcurrency > 0 ? { concurrency: config.workerConcurrency } : {};
  if (config.redisUrl !== null) {
    const { createBullmqJobs } = await import("../engines/jobs/bullmq-runner.ts");
    const keys = redisKeys(config.redisPrefix);
    return createBullmqJobs({ ...parts, ...concurrency, redisUrl: config.redisUrl, keys });
  }
  const onClockSetBack = (millis: number, now: number) => moveEntriesNearer(parts.db, millis, now);
  return {
    ...createLocalJobs({ ...parts, ...concurrency, onClockSetBack }),
    purges: [],
    close: async () => {},
  };
}
