import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { hash } from "@node-rs/argon2";
import { startPostgres, startRedis } from "../server/test/support/engines.ts";
import { freePort } from "../server/test/support/free-port.ts";
import { addAccounts, password } from "./accounts.ts";
import { launch, type ProcessUnderTest } from "./process-under-test.ts";

/**
 * The test stand: a database of its own in a temporary folder, filled, and the servers over it. Everything is
 * configured through the product's own variables; limits are raised, not switched off, so that counting them
 * is part of what is measured.
 */
export interface StandOptions {
  readonly engine: "sqlite" | "postgres";
  readonly accounts: number;
  readonly core: number | null;
  readonly progress: (text: string) => void;
}

export interface Stand {
  readonly folder: string;
  /** As floor-main.ts takes it. */
  readonly database: string;
  readonly secretKey: string;
  /** PHC string of every account's password. */
  readonly passwordHash: string;
  readonly environment: Readonly<Record<string, string>>;
  startFloor(): Promise<ProcessUnderTest>;
  /** `serve` is the API alone, `start` the whole product in one process. */
  startServer(
    command: "serve" | "start",
    env?: Readonly<Record<string, string>>,
    core?: number | null,
  ): Promise<ProcessUnderTest>;
  close(): Promise<void>;
}

/** Hashes at once, for the server and for the bare hash function. */
export const hashConcurrency = 2;

const main = fileURLToPath(new URL("../server/src/main.ts", import.meta.url));
const floorMain = fileURLToPath(new URL("floor-main.ts", import.meta.url));

export async function openStand({ engine, accounts, core, progress }: StandOptions): Promise<Stand> {
  const folder = mkdtempSync(join(tmpdir(), "meiduo-bench-"));
  const engines = engine === "postgres" ? await Promise.all([startPostgres(), startRedis()]) : [];
  const [postgres, redis] = engines;
  const database = postgres?.url ?? `sqlite:${join(folder, "bench.sqlite3")}`;
  const secretKey = "a key for measuring only, thirty-two bytes or more";
  const environment = {
    // As the launcher and the services in deploy/ set it.
    NODE_COMPILE_CACHE: fileURLToPath(new URL("../node_modules/.cache/compiled", import.meta.url)),
    ENVIRONMENT: "development",
    LOG_LEVEL: "info",
    DATA_DIR: folder,
    SECRET_KEY: secretKey,
    DATABASE_URL: database,
    ...(redis ? { REDIS_URL: redis.url } : {}),
    CODE_REQUEST_LIMIT: "1000000",
    LOGIN_FAILURE_LIMIT: "1000000",
    LOGIN_FAILURE_LIMIT_PER_DAY: "1000000",
    LOGIN_ATTEMPT_LIMIT: "1000000",
    LOGIN_ATTEMPT_LIMIT_PER_CLIENT: "1000000",
    LOGIN_FAILURE_LIMIT_PER_CLIENT: "1000000",
    HASH_CONCURRENCY: String(hashConcurrency),
    // Long enough for the codes of the sign-ups, which are asked for before their time is taken.
    EMAIL_CODE_EXPIRES: "3600",
  };
  const made = spawnSync(process.execPath, [main, "migrate"], {
    env: { ...process.env, ...environment },
    encoding: "utf8",
  });
  if (made.status !== 0) throw new Error(`migrating failed:\n${made.stdout}${made.stderr}`);
  const passwordHash = await hash(password, { memoryCost: 19_456, timeCost: 2, parallelism: 1 });
  await addAccounts(database, `argon2${passwordHash}`, { from: 1, to: accounts + 1 }, (share) =>
    progress(`filling the tables: ${Math.round(share * 100)}% of ${accounts} accounts`),
  );

  return {
    folder,
    database,
    secretKey,
    passwordHash,
    environment,
    async startFloor() {
      const port = await freePort();
      return launch({
        args: [floorMain, String(port), database, secretKey, passwordHash, String(hashConcurrency)],
        env: {},
        port,
        readyPath: "/hello/",
        logFile: join(folder, "floor.log"),
        core,
      });
    },
    async startServer(command, env = {}, ownCore = core) {
      const [port, webPort] = [await freePort(), await freePort()];
      return launch({
        args: [main, command],
        env: { ...environment, ...env, API_PORT: String(port), WEB_PORT: String(webPort) },
        port,
        readyPath: "/users/usernames/nobody_yet/count/",
        logFile: join(folder, `${command}.log`),
        core: ownCore,
      });
    },
    async close() {
      for (const server of engines) await server.destroy();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
