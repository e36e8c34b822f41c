import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { App } from "../app/app-interface.ts";
import type { Source } from "../config/config.ts";
import type { Clock } from "../kernel/clock.ts";
import { systemClock } from "../kernel/clock.ts";
import { createLog } from "../kernel/log.ts";
import { loadConfig, type ServerOptions, startServer } from "./program.ts";
import { createTestMailbox, type TestMail } from "./test-mailbox.ts";
import { addTestAccount, type TestAccount, type TestPerson } from "./test-people.ts";

/**
 * `import … from "meiduo-accounts/testing"`: the server for the suites of a site that uses it, in the suite's own process.
 * Only this function starts it; no variable does. It refuses where ENVIRONMENT is production, since whoever holds what it
 * returns reads every code and sets the time.
 */

export type { TestMail } from "./test-mailbox.ts";
export type { TestAccount, TestPerson } from "./test-people.ts";

export interface TestServerOptions extends Omit<ServerOptions, "clock"> {
  /** Variables as in docs/configuration.md. Nothing is taken from the environment. */
  readonly env?: Source;
  /** Accounts that are there from the start, in their order in `accounts`. */
  readonly accounts?: readonly TestPerson[];
  /** When it is at first: epoch milliseconds. By default the machine's time. */
  readonly now?: number;
}

/** A clock that stands still until it is moved. */
export interface TestClock extends Clock {
  /** Moves it by so many seconds, forward. */
  advance(seconds: number): void;
}

export interface TestServer {
  /** Of the API, on a free port of 127.0.0.1. */
  readonly apiUrl: string;
  /** Of the site, likewise. */
  readonly siteUrl: string;
  readonly app: App;
  /** The server's time: what expires there expires by it. */
  readonly clock: TestClock;
  readonly accounts: readonly TestAccount[];
  /** Adds one more. Throws an AppError for a name that is none, an Error where one is taken. */
  addAccount(person: TestPerson): Promise<TestAccount>;
  /** Mails to the address, newest first, with those that are due; without an address all. */
  mails(address?: string): Promise<readonly TestMail[]>;
  /** The code in the newest mail to the address that has one. Throws where there is none. */
  codeFor(address: string): Promise<string>;
  /** Ends it and removes its data. */
  stop(): Promise<void>;
}

/** Resolves when API and site answer. Throws in production, and as `loadConfig` and `startServer` do. */
export async function startTestServer(options: TestServerOptions = {}): Promise<TestServer> {
  const { env = {}, accounts: people = [], now = systemClock.now(), ...serverOptions } = options;
  refuseProduction(env);
  const folder = mkdtempSync(join(tmpdir(), "meiduo-accounts-test-"));
  const clock = createTestClock(now);
  const removeData = () => rmSync(folder, { recursive: true, force: true });
  try {
    const defaults = { HOST: "127.0.0.1", API_PORT: "0", WEB_PORT: "0", DATA_DIR: folder };
    const config = await loadConfig({ ...defaults, LOG_LEVEL: "silent", ...env });
    const { app, apiUrl, siteUrl, stop } = await startServer(
      { config, log: createLog(config.logLevel) },
      { ...serverOptions, clock },
    );
    const addAccount = (person: TestPerson) => addTestAccount(app, person);
    const accounts: TestAccount[] = [];
    const end = () => stop().finally(removeData);
    try {
      for (const person of people) accounts.push(await addAccount(person));
    } catch (error) {
      await end();
      throw error;
    }
    return { apiUrl, siteUrl, app, clock, accounts, addAccount, ...createTestMailbox(app), stop: end };
  } catch (error) {
    removeData();
    throw error;
  }
}

/** Attack: a deployed program that carries its tests along gives everybody every code. */
function refuseProduction({ ENVIRONMENT: given }: Source): void {
  if ([given, process.env.ENVIRONMENT].every((one) => one?.trim() !== "production")) return;
  throw new Error(
    "meiduo-accounts/testing gives away every code and does not start with ENVIRONMENT=production. meiduo-accounts/testing 会交出所有验证码，ENVIRONMENT=production 时拒绝启动。",
  );
}

function createTestClock(startsAt: number): TestClock {
  let now = startsAt;
  return {
    now: () => now,
    advance(seconds) {
      if (!(seconds >= 0)) throw new RangeError(`a test's clock goes forward: ${seconds} s`);
      now += seconds * 1000;
    },
  };
}
