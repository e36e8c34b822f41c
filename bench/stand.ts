import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { hash } from "@node-rs/argon2";
import { startPostgres, startRedis } from "../server/test/support/engines.ts";
import { freePort } from "../server/test/support/free-port.ts";
import { addAccounts, password } from "./accounts.ts";
import { end, launch, type ProcessUnderTest, startProcess, workingProcess } from "./process-under-test.ts";
import { addSessions } from "./sessions.ts";
import { commandIn, ownTree, runIn } from "./tree.ts";

/**
 * The test stand: a database of its own in a temporary folder, filled, and the servers over it. Everything is
 * configured through the product's own variables; limits are raised, not switched off, so that counting them
 * is part of what is measured.
 */
export interface StandOptions {
  /** The checkout whose product runs here; by default this one. */
  readonly tree?: string;
  readonly engine: Engine;
  readonly accounts: number;
  /** By default one for each account. */
  readonly sessions?: number;
  /** A folder in place of a temporary one. What an earlier stand of SQLite left there is migrated and used as it is. */
  readonly keep?: string;
  readonly core: number | null;
  readonly progress: (text: string) => void;
}

/** `postgres` is PostgreSQL with Redis. */
export type Engine = "sqlite" | "postgres";

export interface Stand {
  readonly folder: string;
  /** Whether an earlier one left it, with what it did to it. */
  readonly isKept: boolean;
  /** As floor-main.ts takes it. */
  readonly database: string;
  readonly secretKey: string;
  /** PHC string of every account's password. */
  readonly passwordHash: string;
  readonly environment: Readonly<Record<string, string>>;
  startFloor(processes?: number): Promise<ProcessUnderTest>;
  /** `serve` is the API alone, `start` the whole product in one process. */
  startServer(
    command: "serve" | "start",
    env?: Readonly<Record<string, string>>,
    core?: number | null,
  ): Promise<ProcessUnderTest>;
  /** A worker alone; resolves at once. What it does shows when it is ready. */
  startWorker(env: Readonly<Record<string, string>>, core: number | null): Worker;
  close(): Promise<void>;
}

export interface Worker {
  /** The process that works, once it does; see `workingProcess`. */
  pid(): number;
  /** Throws with its log where it has ended. */
  check(): void;
  stop(): Promise<void>;
}

/** Hashes at once, for the server and for the bare hash function. */
export const hashConcurrency = 2;

const floorMain = fileURLToPath(new URL("floor-main.ts", import.meta.url));
const floorClusterMain = fileURLToPath(new URL("floor-cluster-main.ts", import.meta.url));

export async function openStand(options: StandOptions): Promise<Stand> {
  const { tree = ownTree, engine, accounts, sessions = accounts, core, progress, keep } = options;
  if (keep !== undefined) mkdirSync(keep, { recursive: true });
  const folder = keep ?? mkdtempSync(join(tmpdir(), "meiduo-bench-"));
  const isKept = engine === "sqlite" && existsSync(join(folder, "bench.sqlite3"));
  const engines = engine === "postgres" ? await Promise.all([startPostgres(), startRedis()]) : [];
  const [postgres, redis] = engines;
  const database = postgres?.url ?? `sqlite:${join(folder, "bench.sqlite3")}`;
  const environment = environmentOf(folder, database, redis?.url);
  runIn(tree, "migrate", environment);
  const passwordHash = await hash(password, { memoryCost: 19_456, timeCost: 2, parallelism: 1 });
  if (!isKept) await fill(database, { passwordHash, accounts, sessions, progress });
  return {
    ...{ folder, database, secretKey, passwordHash, environment, isKept },
    async startFloor(processes = 1) {
      const port = await freePort();
      const main = processes === 1 ? [floorMain] : [floorClusterMain, String(processes)];
      const args = [...main, String(port), database, secretKey, passwordHash, String(hashConcurrency)];
      return launch({
        ...{ command: [process.execPath, ...args], env: {}, port, core },
        ...{ readyPath: "/hello/", logFile: join(folder, "floor.log") },
      });
    },
    async startServer(command, env = {}, ownCore = core) {
      const [port, webPort] = [await freePort(), await freePort()];
      return launch({
        ...{ command: commandIn(tree, command), cwd: tree, port, core: ownCore },
        env: { ...environment, ...env, API_PORT: String(port), WEB_PORT: String(webPort) },
        ...{ readyPath: "/users/usernames/nobody_yet/count/", logFile: join(folder, `${command}.log`) },
      });
    },
    startWorker: (env, ownCore) =>
      workerOf({
        ...{ command: commandIn(tree, "work"), cwd: tree, core: ownCore },
        ...{ env: { ...environment, ...env }, logFile: join(folder, "work.log") },
      }),
    async close() {
      for (const server of engines) await server.destroy();
      if (keep === undefined) rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function fill(
  database: string,
  {
    passwordHash,
    accounts,
    sessions,
    progress,
  }: Required<Pick<StandOptions, "accounts" | "sessions" | "progress">> & { readonly passwordHash: string },
): Promise<void> {
  await addAccounts(database, `argon2${passwordHash}`, { from: 1, to: accounts + 1 }, (share) =>
    progress(`filling the tables: ${Math.round(share * 100)}% of ${accounts} accounts`),
  );
  const nowMillis = Math.floor(performance.timeOrigin + performance.now());
  await addSessions(database, { accounts, sessions, nowMillis }, (share) =>
    progress(`filling the tables: ${Math.round(share * 100)}% of ${sessions} sessions`),
  );
}

const secretKey = "a key for measuring only, thirty-two bytes or more";

function environmentOf(folder: string, database: string, redisUrl: string | undefined) {
  return {
    ENVIRONMENT: "development",
    LOG_LEVEL: "info",
    DATA_DIR: folder,
    SECRET_KEY: secretKey,
    DATABASE_URL: database,
    ...(redisUrl === undefined ? {} : { REDIS_URL: redisUrl }),
    CODE_REQUEST_LIMIT: "1000000",
    SIGN_UP_BY: "email,mobile",
    SMS_REQUEST_LIMIT: "1000000",
    SMS_REQUEST_LIMIT_PER_DAY: "1000000",
    SMS_HOURLY_BUDGET: "1000000",
    SMS_DAILY_BUDGET: "10000000",
    // Counted all the same; nobody here types a code in, and the next hour would ask for captchas.
    SMS_CONVERSION_FLOOR: "0",
    LOGIN_FAILURE_LIMIT: "1000000",
    LOGIN_FAILURE_LIMIT_PER_DAY: "1000000",
    LOGIN_ATTEMPT_LIMIT: "1000000",
    LOGIN_ATTEMPT_LIMIT_PER_CLIENT: "1000000",
    LOGIN_FAILURE_LIMIT_PER_CLIENT: "1000000",
    NAME_CHECK_LIMIT: "100000000",
    HASH_CONCURRENCY: String(hashConcurrency),
    // Long enough for the codes of the sign-ups, which are asked for before their time is taken.
    EMAIL_CODE_EXPIRES: "3600",
  };
}

function workerOf(how: Parameters<typeof startProcess>[0]): Worker {
  const child = startProcess(how);
  return {
    pid: () => workingProcess(child.pid ?? 0),
    check() {
      if (child.exitCode !== null || child.signalCode !== null)
        throw new Error(`the worker ended at once:\n${readFileSync(how.logFile, "utf8")}`);
    },
    stop: () => end(child),
  };
}
