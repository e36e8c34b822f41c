import type { TestProject } from "vitest/node";
import {
  type EngineServer,
  missingEngines,
  postgresBinaries,
  redisBinary,
  startPostgres,
  startRedis,
} from "./engines.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** Null where the binaries are missing. */
    postgresUrl: string | null;
    redisUrl: string | null;
  }
}

interface Engines {
  readonly postgres: EngineServer | null;
  readonly redis: EngineServer | null;
}

/** Every project of the run loads this file anew, so what they share lives outside of it. */
const shared = globalThis as { meiduoTestEngines?: { users: number; engines: Promise<Engines> } | undefined };

/** Starts one private PostgreSQL and one private Redis for the whole run; see test-engines.ts for their use. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  shared.meiduoTestEngines ??= { users: 0, engines: start() };
  const mine = shared.meiduoTestEngines;
  mine.users += 1;
  const { postgres, redis } = await mine.engines;
  project.provide("postgresUrl", postgres?.url ?? null);
  project.provide("redisUrl", redis?.url ?? null);
  return async () => {
    mine.users -= 1;
    if (mine.users > 0) return;
    shared.meiduoTestEngines = undefined;
    await Promise.all([postgres?.destroy(), redis?.destroy()]);
  };
}

async function start(): Promise<Engines> {
  // Chosen, not missing: a run under a false clock, where Redis would live in another time.
  if (process.env.TEST_ENGINES === "sqlite") return { postgres: null, redis: null };
  const missing = missingEngines();
  if (missing.length > 0) {
    const text = `NOT TESTED on production engines, missing: ${missing.join(", ")}.`;
    if (process.env.CI) throw new Error(text);
    process.stderr.write(`\n${text} These tests run on SQLite alone.\n\n`);
  }
  const [postgres, redis] = await Promise.all([
    postgresBinaries() ? startPostgres() : null,
    redisBinary() ? startRedis() : null,
  ]);
  return { postgres, redis };
}
