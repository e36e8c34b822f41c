import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { InjectOptions, LightMyRequestResponse } from "fastify";
import { createApp } from "../../src/app/app.ts";
import type { App, AppContext, AppOverrides } from "../../src/app/app-interface.ts";
import { openDatabase } from "../../src/app/engines.ts";
import { type Config, readConfig, type Source } from "../../src/config/config.ts";
import { migrate } from "../../src/engines/database/migrate.ts";
import type { Mailer, OutgoingMail } from "../../src/engines/mail/mail.ts";
import type { OutgoingSms, SmsSender } from "../../src/engines/sms/sms.ts";
import { createLog } from "../../src/kernel/log.ts";
import { nameKey } from "../../src/kernel/name-key.ts";
import { agingRedis } from "./aging-redis.ts";
import { chosenPair } from "./chosen-pair.ts";
import { type FakeClock, fakeClock } from "./fake-clock.ts";
import { writeMigratedSqlite } from "./sqlite.ts";
import { freshRedisUrl, leavePostgres, migratedPostgresUrl } from "./test-engines.ts";
import { testHashQueueLimit } from "./test-hash-queue-limit.ts";
import { testSecretKey } from "./test-secret-key.ts";

type Call = (options: InjectOptions) => Promise<LightMyRequestResponse>;

export interface TestApp {
  readonly app: App;
  readonly config: Config;
  readonly clock: FakeClock;
  /** Mails that were really handed to the mailer, oldest first. */
  readonly mailbox: OutgoingMail[];
  /** SMS that were really handed to the sender, oldest first. */
  readonly smsBox: OutgoingSms[];
  readonly anonymous: Call;
  /** Calls with the user's token. */
  as(token: string): Call;
  /** Runs every job that is due. */
  runJobs(): Promise<void>;
  /** Asks for a code, runs the mail job, and reads the code from the mail; with a token where it needs a log-in. */
  codeFor(email: string, sendType?: string, token?: string): Promise<string>;
  /** The same by SMS: for `changeMobile` with the token of whoever changes it. */
  smsCodeFor(mobile: string, token?: string, sendType?: string): Promise<string>;
  /** Signs somebody up the ordinary way and returns what the answer said. */
  signUp(user: {
    username: string;
    email: string;
    password?: string;
  }): Promise<{ id: number; username: string; email: string; token: string }>;
  close(): Promise<void>;
}

export interface TestAppOptions extends AppOverrides {
  readonly env?: Source;
  readonly clock?: FakeClock;
  /** What makes the application; createApp itself by default. */
  readonly create?: (context: AppContext, overrides: AppOverrides) => Promise<App>;
  /** Where log lines go; nowhere by default. */
  readonly logTo?: { write(line: string): void };
}

/**
 * The real application on engines of its own, those of the run's pair; only time and the last hop of mails
 * are replaced.
 */
export async function startTestApp(options: TestAppOptions = {}): Promise<TestApp> {
  const folder = mkdtempSync(join(tmpdir(), "meiduo-app-"));
  const chosen = chosenPair();
  const databaseUrl = chosen === "sqlite" ? null : await migratedPostgresUrl();
  const engines = {
    ...(databaseUrl === null ? {} : { DATABASE_URL: databaseUrl }),
    ...(chosen === "postgres+redis" ? { REDIS_URL: await freshRedisUrl() } : {}),
  };
  const read = readConfig({
    ...{ SECRET_KEY: testSecretKey, DATA_DIR: folder, HASH_QUEUE_LIMIT: testHashQueueLimit },
    ...{ ...engines, ...options.env },
  });
  const config = { ...read, secretKey: read.secretKey ?? testSecretKey };
  const clock = options.clock ?? fakeClock();
  const mailbox: OutgoingMail[] = [];
  const mailer: Mailer = {
    send: async (mail) => void mailbox.push(mail),
    verify: async () => {},
    close: async () => {},
  };
  const smsBox: OutgoingSms[] = [];
  const smsSender: SmsSender = {
    async send(message) {
      smsBox.push(message);
      return { words: "taken" };
    },
    close: async () => {},
  };
  if (config.database.engine === "sqlite" && !existsSync(config.database.file))
    await writeMigratedSqlite(config.database.file);
  const setUp = openDatabase(config);
  await migrate(setUp, clock);
  await setUp.close();
  const log = createLog(options.logTo ? "trace" : "silent", options.logTo);
  const { env: _env, logTo: _logTo, create = createApp, ...overrides } = options;
  // A vendor that the test imitates is asked as in production.
  const bySms = config.smsUrl === null ? { smsSender } : {};
  const app = await create({ config, log }, { mailer, ...bySms, ...overrides, clock });
  await app.api.ready();

  // Redis reads no clock of ours: what the test's clock was moved by is taken off its entries' lives.
  const aging = config.redisUrl === null ? null : agingRedis(config.redisUrl, clock);
  const anonymous: Call = async (request) => {
    await aging?.catchUp();
    return app.api.inject(request);
  };
  const testApp: TestApp = {
    app,
    config,
    clock,
    mailbox,
    smsBox,
    anonymous,
    as: (token) => (request) =>
      anonymous({ ...request, headers: { authorization: `JWT ${token}`, ...request.headers } }),
    async runJobs() {
      await aging?.catchUp();
      await app.worker.runDue();
    },
    async codeFor(email, sendType = "register", token) {
      const earlier = mailbox.length;
      const url = `/verifications/email_codes/${encodeURIComponent(email)}/?send_type=${sendType}`;
      const answer = await (token === undefined ? anonymous : testApp.as(token))({ url });
      if (answer.statusCode !== 200)
        throw new Error(`no code for ${email}: ${answer.statusCode} ${answer.body}`);
      await testApp.runJobs();
      const came = mailbox.slice(earlier).filter((one) => nameKey(one.to) === nameKey(email));
      const texts = came.map(({ text }) => text);
      // A line of its own: a mail about a log-in may have come after it.
      const codes = texts.flatMap((text) => /^ *([2-9A-HJKMNP-Z]{6})$/m.exec(text)?.[1] ?? []);
      if (codes.length === 0) throw new Error(`no code in the mails to ${email}: ${texts.join("\n\n")}`);
      return codes.at(-1)!;
    },
    async smsCodeFor(mobile, token, sendType = "changeMobile") {
      const earlier = smsBox.length;
      const url = `/verifications/sms_codes/${mobile}/?send_type=${sendType}`;
      const answer = await (token === undefined ? anonymous : testApp.as(token))({ url });
      if (answer.statusCode !== 200) throw new Error(`no SMS: ${answer.statusCode} ${answer.body}`);
      await testApp.runJobs();
      const [came] = smsBox.slice(earlier).filter(({ to }) => to === mobile);
      if (came === undefined) throw new Error("the SMS was not sent");
      return came.code;
    },
    async signUp({ username, email, password = "12345678aA" }) {
      const email_code = await testApp.codeFor(email);
      const answer = await anonymous({
        method: "POST",
        url: "/users/",
        payload: { username, email, password, password2: password, email_code, allow: "true" },
      });
      if (answer.statusCode !== 201) throw new Error(`sign-up answered ${answer.statusCode} ${answer.body}`);
      return answer.json();
    },
    async close() {
      await app.close();
      await aging?.close();
      if (databaseUrl !== null) await leavePostgres(databaseUrl);
      rmSync(folder, { recursive: true, force: true });
    },
  };
  return testApp;
}
