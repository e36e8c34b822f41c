import { existsSync, readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, afterEach, beforeEach, describe, expect, test } from "vitest";
import { readBackup } from "../../src/engines/database/backup-file.ts";
import {
  dataFolder,
  type ProductProcess,
  productSecretKey,
  startProduct,
  waitUntil,
} from "../support/product-process.ts";
import { runCommand } from "../support/run-command.ts";
import { type SmtpSink, startSmtpSink } from "../support/smtp-sink.ts";
import { enginePairs, freshPostgresUrl, freshRedisUrl } from "../support/test-engines.ts";
import { codeInMail, visitors } from "../support/visitors.ts";

/** People who sign up at the same time. */
const people = 4;

describe.each(enginePairs)("backup and restore in a storm of sign-ups on %s", (pair) => {
  let folder: ReturnType<typeof dataFolder>;
  let sink: SmtpSink;
  /** While it is set, the mail server takes no mail. */
  let held: Promise<void> | null = null;
  const running: ProductProcess[] = [];
  beforeEach(async () => {
    folder = dataFolder();
    sink = await startSmtpSink({ beforeAccept: async () => void (await held) });
  });
  afterEach(async () => {
    await Promise.all(running.splice(0).map((product) => product.stop()));
    await sink.close();
    folder.release();
  });
  const start = async (env: Record<string, string>) => {
    const product = await startProduct("start", env);
    running.push(product);
    return product;
  };

  /** Signs people up until it is told to stop; whoever was answered 201 is in `accepted`, with the token. */
  async function signUps(url: string, person: number, accepted: Map<string, string>, isOver: () => boolean) {
    const crowd = visitors(url);
    for (let number = 0; !isOver(); number++) {
      const name = `person${person}x${number}`;
      const email = `${name}@example.com`;
      expect((await crowd.requestCode(email)).status).toBe(200);
      const { status, body } = await crowd.signUp(name, email, await codeInMail(sink, email));
      expect([status, body]).toEqual([201, expect.anything()]);
      accepted.set(name, (JSON.parse(body) as { token: string }).token);
    }
  }

  test("whoever was answered 201 before the backup logs in after the restore; nothing else of before works", async () => {
    const env: Record<string, string> = {
      ...{ DATA_DIR: folder.path, WEB_PORT: "0", HASH_CONCURRENCY: "2", SECRET_KEY: productSecretKey },
      ...{ SMTP_URL: sink.url, EMAIL_CODE_EXPIRES: "3600" },
      ...(pair === "sqlite"
        ? {}
        : { DATABASE_URL: await freshPostgresUrl(), REDIS_URL: await freshRedisUrl() }),
    };
    const site = await start(env);
    const accepted = new Map<string, string>();
    let isOver = false;
    const storm = Promise.all(
      Array.from({ length: people }, (_, person) => signUps(site.url, person, accepted, () => isOver)),
    );
    await waitUntil(() => accepted.size >= 2 * people, 60, "the first accounts");

    // A mail that is on its way at the moment of the backup, and sent after it.
    let release = () => {};
    held = new Promise((resolve) => {
      release = resolve;
    });
    const waiting = "waiting@example.com";
    expect((await visitors(site.url).requestCode(waiting)).status).toBe(200);
    const before = new Map(accepted);
    const file = join(folder.path, "backup.sqlite3");
    const made = await runCommand(["backup", file, "--json"], env);
    expect([made.code, made.stderr.replaceAll(/^(copy|compare) .*\n/gm, "")]).toEqual([0, ""]);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const { tables } = JSON.parse(made.stdout) as { tables: { table: string; rows: number }[] };
    expect(tables.find(({ table }) => table === "users")!.rows).toBeGreaterThanOrEqual(before.size);
    release();
    held = null;
    const code = await codeInMail(sink, waiting);
    const later = accepted.size;
    await waitUntil(() => accepted.size > later, 60, "an account of after the backup");

    // Not while it runs.
    const target = pair === "sqlite" ? env : { ...env, DATABASE_URL: await freshPostgresUrl() };
    const refused = await runCommand(["restore", file, "--yes", "--deleted", "none"], env);
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining("is in use")]);
    isOver = true;
    await storm;
    await site.stop();
    running.length = 0;
    const [everybody, sentBefore] = [new Map(accepted), sink.count()];

    const restored = await runCommand(["restore", file, "--yes", "--deleted", "none", "--json"], target);
    expect([restored.code, restored.stderr.replaceAll(/^(copy|compare) .*\n/gm, "")]).toEqual([0, ""]);
    const again = await start(target);
    const crowd = visitors(again.url);
    for (const name of before.keys()) expect([name, (await crowd.logIn(name)).status]).toEqual([name, 200]);
    for (const token of everybody.values()) {
      const answer = await fetch(`${again.url}/user/`, { headers: { authorization: `JWT ${token}` } });
      expect(answer.status).toBe(401);
    }
    // A code of before works for nobody, and its mail is not sent again: one that is asked for now overtakes nothing.
    expect((await crowd.signUp("waiting", waiting, code)).status).toBe(400);
    expect((await crowd.requestCode("now@example.com")).status).toBe(200);
    await codeInMail(sink, "now@example.com");
    expect([sink.count(), sink.mailsTo(waiting).length]).toEqual([sentBefore + 1, 1]);
  }, 240_000);
});

describe("killed at any moment", () => {
  const folder = dataFolder();
  afterAll(() => folder.release());
  const env = { DATA_DIR: folder.path, SECRET_KEY: productSecretKey };
  const database = join(folder.path, "meiduo.sqlite3");
  const inFolder = (name: string) => join(folder.path, name);

  const accountsIn = (file: string) => {
    const open = new DatabaseSync(file, { readOnly: true });
    try {
      return Number(open.prepare("select count(*) as n from users").get()!.n);
    } finally {
      open.close();
    }
  };

  function addAccounts(from: number, count: number): void {
    const open = new DatabaseSync(database);
    open.exec("begin");
    const names = new Map(
      (
        open.prepare("pragma table_info(users)").all() as {
          name: string;
          notnull: number;
          dflt_value: unknown;
        }[]
      )
        .filter(({ name, notnull, dflt_value }) => name !== "id" && notnull === 1 && dflt_value === null)
        .map(({ name }) => [name, "0"]),
    );
    names.delete("username");
    const columns = ["id", "username", ...names.keys()];
    const insert = open.prepare(
      `insert into users (${columns.join()}) values (${columns.map(() => "?").join()})`,
    );
    for (let id = from; id < from + count; id++) insert.run(id, `person${id}`, ...names.values());
    open.exec("commit");
    open.close();
  }

  /** Starts a command and kills it once the file that it writes is there and as many milliseconds have passed. */
  async function killed(args: readonly string[], ending: string, millis: number): Promise<boolean> {
    const written = () => readdirSync(folder.path).filter((name) => name.endsWith(ending));
    for (const name of written()) rmSync(inFolder(name));
    const isThere = () => written().length > 0;
    const controller = new AbortController();
    const run = runCommand(args, env, { signal: controller.signal });
    await Promise.race([run, waitUntil(isThere, 60, `a file *${ending}`)]);
    await new Promise((resolve) => setTimeout(resolve, millis));
    const isMidway = isThere();
    controller.abort();
    await run;
    return isMidway;
  }

  test("a backup is whole or not there; a restore leaves the old database or the new one", async () => {
    expect((await runCommand(["migrate"], env)).code).toBe(0);
    addAccounts(1, 30_000);
    expect((await runCommand(["backup", inFolder("whole.sqlite3")], env)).code).toBe(0);
    addAccounts(30_001, 10_000);
    const midway = { backups: 0, restores: 0 };
    for (let round = 0; round < 8; round++) {
      const file = inFolder(`round${round}.sqlite3`);
      if (await killed(["backup", file], ".part", round * 15)) midway.backups += 1;
      if (existsSync(file))
        expect(readBackup(file, () => {}).manifest.tables.find(({ table }) => table === "users")!.rows).toBe(
          40_000,
        );
    }
    for (let round = 0; round < 8; round++) {
      if (
        await killed(
          ["restore", inFolder("whole.sqlite3"), "--yes", "--deleted", "none"],
          ".restore",
          round * 15,
        )
      )
        midway.restores += 1;
      expect([30_000, 40_000]).toContain(accountsIn(database));
      expect((await runCommand(["user", "show", "#1"], env)).code).toBe(0);
    }
    // Else the kills came too late to show anything.
    expect(midway.backups).toBeGreaterThan(0);
    expect(midway.restores).toBeGreaterThan(0);
    expect(
      (await runCommand(["restore", inFolder("whole.sqlite3"), "--yes", "--deleted", "none"], env)).code,
    ).toBe(0);
    expect(accountsIn(database)).toBe(30_000);
  }, 240_000);
});
