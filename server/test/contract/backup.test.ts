import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { beforeEach, describe, expect, test } from "vitest";
import { createUsers } from "../../src/accounts/users.ts";
import { openDatabase } from "../../src/app/engines.ts";
import { completeConfig } from "../../src/cli/command-config.ts";
import { readConfig } from "../../src/config/config.ts";
import type { Database } from "../../src/engines/database/database.ts";
import {
  backUp,
  clock,
  type Env,
  envOf,
  inDatabase,
  inFolder,
  makeSite,
  run,
  useFolders,
  versions,
} from "../support/backed-up-site.ts";
import { enginePairs } from "../support/test-engines.ts";
import { testSecretKey } from "../support/test-secret-key.ts";

useFolders();

/** Backup and restore, from each engine into each. */
/** What a restore leaves as it was. */
const kept = ["login_names", "bindings", "groups", "permissions", "installation"];
const contentOf = ({ tables }: Awaited<ReturnType<typeof backUp>>) =>
  tables.filter(({ table }) => kept.includes(table));

async function addUser(db: Database, username: string): Promise<{ id: number }> {
  const row = { username, email: null, password_hash: "!" };
  const added = await db.transaction((transaction) =>
    createUsers({ db, clock }).add(transaction, row, "operator"),
  );
  if (!("id" in added)) throw new Error(`no account ${username}`);
  return added;
}

const ways = enginePairs.flatMap((from) => enginePairs.map((to) => [from, to] as const));

describe.each(ways)("from %s into %s", (from, to) => {
  test("everything is there again, but what must have ended", async () => {
    const [here, there] = [await envOf(from, "here"), await envOf(to, "there")];
    await makeSite(here);
    // Its number is nobody's again.
    await inDatabase(here, async (db) => {
      const { id } = await addUser(db, "gone");
      expect(id).toBe(3);
      await db.kysely.deleteFrom("users").where("id", "=", id).execute();
    });
    const before = await versions(here);
    const made = await backUp(here);
    expect(statSync(inFolder("backup.sqlite3")).mode & 0o777).toBe(0o600);
    expect(made.tables.find(({ table }) => table === "users")?.rows).toBe(2);
    expect(made.holdsKey).toBe(false);
    const checked = await run(here, "backup", inFolder("backup.sqlite3"), "--check", "--json");
    expect([checked.code, JSON.parse(checked.out)]).toEqual([0, JSON.parse(JSON.stringify(made))]);

    const restored = await run(
      there,
      "restore",
      inFolder("backup.sqlite3"),
      "--yes",
      "--deleted",
      "none",
      "--json",
    );
    expect([restored.code, restored.said]).toEqual([0, ""]);
    expect(JSON.parse(restored.out)).toMatchObject({ accounts: 2, entries: 1, jobs: 2, kept: null });
    const after = await versions(there);
    expect(after.map(({ username }) => username)).toEqual(["xiaoming", "全民python"]);
    for (const [i, { credentials_version }] of after.entries())
      expect(credentials_version).not.toBe(before[i]!.credentials_version);
    await inDatabase(there, async (db) => {
      expect(await db.kysely.selectFrom("kv_entries").selectAll().execute()).toEqual([]);
      expect(await db.kysely.selectFrom("jobs").select(["id", "state"]).execute()).toEqual([
        { id: "three", state: "dead" },
      ]);
      const [entry] = await db.kysely.selectFrom("audit_entries").selectAll().orderBy("id", "desc").execute();
      expect(entry).toMatchObject({ action: "system.restore", target_kind: "system" });
      // Numbers go on behind those that were given, also to who is gone.
      expect((await addUser(db, "latecomer")).id).toBeGreaterThan(3);
    });
    expect(contentOf(await backUp(there, "again.sqlite3"))).not.toEqual([]);
    await inDatabase(there, (db) =>
      db.kysely.deleteFrom("users").where("username", "=", "latecomer").execute(),
    );
    expect(contentOf(await backUp(there, "without.sqlite3"))).toEqual(contentOf(made));
    expect(readdirSync(dirname(inFolder("x"))).filter((name) => name.endsWith(".part"))).toEqual([]);
    expect(readdirSync(there.DATA_DIR!).filter((name) => name.includes("restore"))).toEqual([]);
  });
});

describe.each(enginePairs)("on %s", (pair) => {
  let env: Env;
  beforeEach(async () => {
    env = await envOf(pair, "site");
    await makeSite(env);
  });
  const elsewhere = async (over: Env = {}) => ({ ...(await envOf(pair, "elsewhere")), ...over });
  const restore = (target: Env, ...options: string[]) =>
    run(target, "restore", inFolder("backup.sqlite3"), "--yes", "--deleted", "none", ...options);

  test("whoever is told of each entry of the audit log is told of the restore", async () => {
    const told = await run(env, "webhooks", "add", "https://siem.example/in", "--event", "audit.entry");
    expect(told.code, told.said).toBe(0);
    await backUp(env);
    const target = await elsewhere();
    expect((await restore(target)).code).toBe(0);
    const rows = await inDatabase(target, (db) =>
      db.kysely.selectFrom("webhook_deliveries").select(["type", "state", "body"]).execute(),
    );
    const news = rows.map(({ type, state, body }) => [type, state, JSON.parse(body).data.action]);
    expect(news).toContainEqual(["audit.entry", "waiting", "system.restore"]);
  });

  test("a file that is there is not overwritten", async () => {
    writeFileSync(inFolder("backup.sqlite3"), "mine");
    const refused = await run(env, "backup", inFolder("backup.sqlite3"));
    expect([refused.code, refused.said]).toEqual([1, expect.stringContaining("is not overwritten")]);
    expect(readFileSync(inFolder("backup.sqlite3"), "utf8")).toBe("mine");
  });

  test("another key is refused; --new-key takes it from then on", async () => {
    await backUp(env);
    const other = await elsewhere({ SECRET_KEY: "another-key-0123456789-0123456789-0123456789" });
    const refused = await restore(other);
    expect([refused.code, refused.said]).toEqual([1, expect.stringContaining("not the one of the backup")]);
    expect((await restore(other, "--new-key")).code).toBe(0);
    expect((await run(other, "installation", "show")).code).toBe(0);
  });

  test("a key in the backup is used, and kept, where there is none", async () => {
    expect((await backUp(env, "backup.sqlite3", "--with-key")).holdsKey).toBe(true);
    const { SECRET_KEY: _, ...bare } = await elsewhere();
    expect((await restore(bare)).code).toBe(0);
    const keyFile = join(bare.DATA_DIR!, "secret-key");
    expect(readFileSync(keyFile, "utf8").trim()).toBe(testSecretKey);
    expect(statSync(keyFile).mode & 0o777).toBe(0o600);
    // The restored database itself holds no copy of it.
    for (const name of readdirSync(bare.DATA_DIR!))
      if (name !== "secret-key")
        expect(readFileSync(join(bare.DATA_DIR!, name)).includes(testSecretKey), name).toBe(false);
  });

  test("without any key it is refused, and nothing is made", async () => {
    await backUp(env);
    const { SECRET_KEY: _, ...bare } = await elsewhere();
    const refused = await restore(bare);
    expect([refused.code, refused.said]).toEqual([1, expect.stringContaining("There is no SECRET_KEY")]);
    expect(existsSync(bare.DATA_DIR!)).toBe(false);
  });

  test("a row that was changed, and a page that was lost, are found", async () => {
    await backUp(env);
    const file = inFolder("backup.sqlite3");
    const whole = readFileSync(file);
    const copy = new DatabaseSync(file);
    copy.exec("update users set is_superuser = 1 where id = 2");
    copy.close();
    const changed = await restore(await elsewhere());
    expect([changed.code, changed.said]).toEqual([1, expect.stringMatching(/damaged.*users/)]);
    writeFileSync(file, whole.subarray(0, whole.length - 8192));
    const cut = await run(env, "backup", file, "--check");
    expect([cut.code, cut.said]).toEqual([1, expect.stringMatching(/damaged|not a backup/)]);
    writeFileSync(file, "no database");
    expect((await restore(await elsewhere())).said).toContain("is not a backup");
  });

  test("a newer program's backup is refused", async () => {
    await inDatabase(env, (db) =>
      db.kysely
        .insertInto("schema_migrations")
        .values({ name: "9000-later.ts", applied_at: 1, oldest_program: 9000 })
        .execute(),
    );
    const made = await run(env, "backup", inFolder("backup.sqlite3"));
    if (pair !== "sqlite") {
      expect([made.code, made.said]).toEqual([1, expect.stringContaining("newer version")]);
      return;
    }
    const refused = await restore(await elsewhere());
    expect([refused.code, refused.said]).toEqual([1, expect.stringContaining("newer version")]);
  });

  test("a database in use is refused, and left as it was", async () => {
    await backUp(env);
    const user = openDatabase(completeConfig(readConfig(env), "existing"));
    await user.ping();
    const refused = await restore(env);
    expect([refused.code, refused.said]).toEqual([1, expect.stringContaining("is in use")]);
    const after = await run(env, "restore", "--after", "--yes", "--deleted", "none");
    expect([after.code, after.said]).toEqual([1, expect.stringContaining("is in use")]);
    const { n } = await user.kysely
      .selectFrom("jobs")
      .select((row) => row.fn.countAll<number>().as("n"))
      .executeTakeFirstOrThrow();
    expect(Number(n)).toBe(3);
    await user.close();
  });

  test("--after ends what was, where the database was put back by other means", async () => {
    const before = await versions(env);
    const done = await run(env, "restore", "--after", "--yes", "--deleted", "none", "--json");
    expect([done.code, done.said]).toEqual([0, ""]);
    expect(JSON.parse(done.out)).toMatchObject({ accounts: 2, entries: 1, jobs: 2 });
    for (const [i, { credentials_version }] of (await versions(env)).entries())
      expect(credentials_version).not.toBe(before[i]!.credentials_version);
    const other = { ...env, SECRET_KEY: "another-key-0123456789-0123456789-0123456789" };
    expect((await run(other, "restore", "--after", "--yes", "--deleted", "none")).said).toContain(
      "not the one of the backup",
    );
  });
});
