import { copyFileSync, existsSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { writeDeletionDue } from "../../src/accounts/change.ts";
import { createErasedNames } from "../../src/accounts/erased-names.ts";
import { createUsers } from "../../src/accounts/users.ts";
import { createEventParts } from "../../src/app/webhooks.ts";
import type { Database } from "../../src/engines/database/database.ts";
import { createOutbox } from "../../src/engines/jobs/outbox.ts";
import { createSqlJobsAdmin } from "../../src/engines/jobs/sql-jobs-admin.ts";
import { createLog } from "../../src/kernel/log.ts";
import { createDeletedListKeeper, readDeletedList } from "../../src/rights/deleted-list.ts";
import { eraseAccount } from "../../src/rights/erase.ts";
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
} from "../support/backed-up-site.ts";
import { enginePairs } from "../support/test-engines.ts";
import { testSecretKey } from "../support/test-secret-key.ts";

useFolders();

/** Who was erased after a backup is not there again after its restore, and nobody's id is given to somebody else. */
const log = createLog("silent");
const listOf = (env: Env) => join(env.DATA_DIR!, "deleted-accounts.json");
const keep = (env: Env, db: Database) =>
  createDeletedListKeeper({ db, clock, log, deletedAccountsFile: listOf(env) });

async function erase(db: Database, id: number): Promise<void> {
  const users = createUsers({ db, clock });
  await writeDeletionDue(db, id, clock.now(), clock.now());
  const { events } = createEventParts({ db, clock, log });
  const erasedNames = createErasedNames([testSecretKey]);
  await eraseAccount(
    {
      ...{ db, clock, users, erasedNames, events, secretKeys: [testSecretKey] as const },
      ...{ queue: createSqlJobsAdmin(db, clock), jobs: createOutbox({ db, clock }) },
    },
    (await users.byId(id))!,
  );
}

async function signUp(db: Database, username: string): Promise<number> {
  const row = { username, email: null, password_hash: "!" };
  const added = await db.transaction((transaction) =>
    createUsers({ db, clock }).add(transaction, row, "operator"),
  );
  if (!("id" in added)) throw new Error(`no account ${username}`);
  return added.id;
}

const idsOf = (env: Env) =>
  inDatabase(env, async (db) =>
    (await db.kysely.selectFrom("users").select("id").orderBy("id").execute()).map(({ id }) => id),
  );

describe.each(enginePairs)("on %s", (pair) => {
  let env: Env;
  let list: string;
  /** Two accounts in the backup, with a note on the second that names the first; the first is erased after it, and a third signs up. */
  beforeEach(async () => {
    env = await envOf(pair, "site");
    await makeSite(env);
    const noted = { id: "note", user_id: 2, author: "clerk", created_at: 1, text: "as 8@example.com says" };
    await inDatabase(env, ({ kysely }) => kysely.insertInto("user_notes").values(noted).execute());
    await backUp(env);
    await inDatabase(env, async (db) => {
      clock.advance(60);
      await erase(db, 1);
      await keep(env, db)();
      expect(await signUp(db, "newcomer")).toBe(3);
      await keep(env, db)();
    });
    list = inFolder("kept.json");
    copyFileSync(listOf(env), list);
  });
  const restore = (target: Env, ...options: string[]) =>
    run(target, "restore", inFolder("backup.sqlite3"), "--yes", "--json", ...options);

  it("the list has ids, days and the highest id, for its owner alone", () => {
    expect(readDeletedList(list)).toMatchObject({ highest_id: 3, deleted: [{ id: 1 }] });
    expect(statSync(listOf(env)).mode & 0o777).toBe(0o600);
    expect(readFileSync(list, "utf8")).not.toMatch(/xiaoming|example\.com/);
  });

  it("who was erased is erased again, and ids go on behind everybody who ever was", async () => {
    const there = await envOf(pair, "there");
    const done = await restore(there, "--deleted", list);
    expect([done.code, done.said]).toEqual([0, ""]);
    expect(JSON.parse(done.out).erasedAgain).toEqual({ erased: 1, others: [] });
    expect(await idsOf(there)).toEqual([2]);
    await inDatabase(there, async (db) => {
      const { kysely } = db;
      for (const table of ["login_names", "bindings"] as const)
        expect(await kysely.selectFrom(table).select("user_id").where("user_id", "=", 1).execute()).toEqual(
          [],
        );
      expect(await kysely.selectFrom("deleted_accounts").select("user_id").execute()).toEqual([
        { user_id: 1 },
      ]);
      expect(await kysely.selectFrom("user_notes").select("text").execute()).toEqual([
        { text: "as (erased) says" },
      ]);
      expect(await signUp(db, "xiaohong")).toBeGreaterThan(3);
      await keep(there, db)();
    });
    // Done again it does nothing more.
    const again = await run(there, "restore", "--after", "--yes", "--json");
    expect(JSON.parse(again.out).erasedAgain).toEqual({ erased: 0, others: [] });
  });

  it("who signed up later with an id of the list stays, and is named", async () => {
    const there = await envOf(pair, "there");
    const { installation } = readDeletedList(list)!;
    const deleted = [{ id: 2, erased_at: new Date(clock.now() - 3_600_000).toISOString() }];
    writeFileSync(list, JSON.stringify({ installation, highest_id: 3, deleted }));
    const done = await restore(there, "--deleted", list);
    expect(JSON.parse(done.out).erasedAgain).toEqual({ erased: 0, others: [2] });
    expect(await idsOf(there)).toEqual([1, 2]);
  });

  it("asks for the list where there is none, and takes none, another's or something else for an answer", async () => {
    const there = await envOf(pair, "there");
    const asked = await restore(there);
    expect([asked.code, asked.said]).toEqual([1, expect.stringContaining("--deleted <file>")]);
    expect(existsSync(there.DATA_DIR!)).toBe(false);
    expect((await restore(there, "--deleted", inFolder("nothing.json"))).said).toContain("There is no");
    writeFileSync(inFolder("other.json"), "[1, 2]");
    expect((await restore(there, "--deleted", inFolder("other.json"))).said).toContain("is no list");
    const foreign = { ...readDeletedList(list)!, installation: "another" };
    writeFileSync(inFolder("other.json"), JSON.stringify(foreign));
    const refused = await restore(there, "--deleted", inFolder("other.json"));
    expect([refused.code, refused.said]).toEqual([1, expect.stringContaining("another installation's")]);
    expect((await restore(there, "--deleted", "none")).code).toBe(0);
    expect(await idsOf(there)).toEqual([1, 2]);
  });
});

it("where the list is missing, the embedded database that is replaced tells", async () => {
  const env = await envOf("sqlite", "site");
  await makeSite(env);
  await backUp(env);
  await inDatabase(env, (db) => erase(db, 1));
  const done = await run(env, "restore", inFolder("backup.sqlite3"), "--yes", "--json");
  expect([done.code, JSON.parse(done.out).erasedAgain]).toEqual([0, { erased: 1, others: [] }]);
  expect(await idsOf(env)).toEqual([2]);
  // One that can't be read tells nothing.
  writeFileSync(join(env.DATA_DIR!, "meiduo.sqlite3"), Buffer.alloc(4096, 1));
  const asked = await run(env, "restore", inFolder("backup.sqlite3"), "--yes");
  expect([asked.code, asked.said]).toEqual([1, expect.stringContaining("--deleted <file>")]);
});

describe("the file", () => {
  it("is made anew where it went, keeps what the database forgot, and drops what is over a year old", async () => {
    const env = await envOf("sqlite", "site");
    await makeSite(env);
    await inDatabase(env, async (db) => {
      await erase(db, 1);
      const kept = keep(env, db);
      await kept();
      rmSync(listOf(env));
      await kept();
      expect(readDeletedList(listOf(env))!.deleted.map(({ id }) => id)).toEqual([1]);
      await db.kysely.deleteFrom("deleted_accounts").execute();
      await Promise.all([kept(), keep(env, db)(), kept()]);
      expect(readDeletedList(listOf(env))!.deleted.map(({ id }) => id)).toEqual([1]);
      clock.advance(366 * 24 * 3600);
      await erase(db, 2);
      await kept();
      expect(readDeletedList(listOf(env))).toMatchObject({ highest_id: 2, deleted: [{ id: 2 }] });
    });
  });

  it("that can't be kept is told by doctor", async () => {
    const env = await envOf("sqlite", "site");
    await makeSite(env);
    const doctor = async () => {
      const { out } = await run(env, "doctor", "--json");
      return (JSON.parse(out) as { check: string; level: string; en: string }[]).filter(
        ({ check }) => check === "deleted-accounts",
      );
    };
    await inDatabase(env, (db) => keep(env, db)());
    expect(await doctor()).toMatchObject([{ level: "ok" }]);
    writeFileSync(listOf(env), "not a list");
    expect(await doctor()).toMatchObject([{ level: "fail", en: expect.stringContaining("is no list") }]);
  });

  it("of another installation is put aside, not written over", async () => {
    const env = await envOf("sqlite", "site");
    await makeSite(env);
    const foreign = JSON.stringify({ installation: "another", highest_id: 9, deleted: [] });
    writeFileSync(listOf(env), foreign);
    await inDatabase(env, (db) => keep(env, db)());
    expect(readFileSync(`${listOf(env)}.of-another`, "utf8")).toBe(foreign);
    expect(readDeletedList(listOf(env))!.highest_id).toBe(2);
  });
});
