import type { TestProject } from "vitest/node";
import { postgresBinaries, redisBinary, startPostgres, startRedis } from "./engines.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** Null where the binaries are missing. */
    postgresUrl: string | null;
    redisUrl: string | null;
  }
}

/** Starts one private PostgreSQL and one private Redis for the whole run; see test-engines.ts for their use. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const missing = [
    ...(postgresBinaries() ? [] : ["PostgreSQL (apt-get install postgresql)"]),
    ...(redisBinary() ? [] : ["Redis (apt-get install redis-server)"]),
  ];
  if (missing.length > 0) {
    const text = `NOT TESTED on production engines, missing: ${missing.join(", ")}.`;
    if (process.env.CI) throw new Error(text);
    process.stderr.write(`\n${text} These tests ran on SQLite alone.\n\n`);
  }
  const [postgres, redis] = await Promise.all([
    postgresBinaries() ? startPostgres() : null,
    redisBinary() ? startRedis() : null,
  ]);
  project.provide("postgresUrl", postgres?.url ?? null);
  project.provide("redisUrl", redis?.url ?? null);
  return async () => {
    await Promise.all([postgres?.destroy(), redis?.destroy()]);
  };
}
