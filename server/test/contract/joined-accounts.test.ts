import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { createErasedNames } from "../../src/accounts/erased-names.ts";
import { createUsers } from "../../src/accounts/users.ts";
import { createEventParts } from "../../src/app/webhooks.ts";
import type { Database } from "../../src/engines/database/database.ts";
import { createOutbox } from "../../src/engines/jobs/outbox.ts";
import { createJoins } from "../../src/joining/joins.ts";
import { createLog } from "../../src/kernel/log.ts";
import { createPasswords } from "../../src/passwords/passwords.ts";
import { createGroups } from "../../src/permissions/groups.ts";
import { createPermissions } from "../../src/permissions/permissions.ts";
import { createDeletedListKeeper, readDeletedList } from "../../src/rights/deleted-list.ts";
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

/** Two accounts that became one after a backup become one again after its restore, with what had moved. */
const log = createLog("silent");
const listOf = (env: Env) => join(env.DATA_DIR!, "deleted-accounts.json");
const keep = (env: Env, db: Database) =>
  createDeletedListKeeper({ db, clock, log, deletedAccountsFile: listOf(env) })();

/** The first account, which has the third party, goes into the second. */
async function joinThem(db: Database, joinedId: number, keptId: number): Promise<void> {
  const users = createUsers({ db, clock });
  const { audit, events } = createEventParts({ db, clock, log });
  const joins = createJoins({
    ...{ db, clock, log, audit, events, users, tellsNumbers: false, passwords: createPasswords() },
    secretKeys: [testSecretKey] as const,
    ...{ erasedNames: createErasedNames([testSecretKey]), jobs: createOutbox({ db, clock }) },
    ...{ groups: createGroups({ db }), permissions: createPermissions({ db }) },
  });
  const both = { kept: (await users.byId(keptId))!, joined: (await users.byId(joinedId))! };
  const { plan } = await joins.preview(both);
  const actor = { id: null, name: "test", requestId: null };
  const asked = { actor, by: "owner", digest: plan.digest } as const;
  await db.transaction((transaction) => joins.join(transaction, both, asked));
}

const boundTo = (db: Database) =>
  db.kysely.selectFrom("bindings").select(["account_key", "user_id"]).execute();

describe.each(enginePairs)("on %s", (pair) => {
  let env: Env;
  beforeEach(async () => {
    env = await envOf(pair, "site");
    await makeSite(env);
  });
  async function afterRestore(...options: string[]) {
    const there = await envOf(pair, "there");
    copyFileSync(listOf(env), inFolder("kept.json"));
    const list = ["--deleted", inFolder("kept.json")];
    const words = [inFolder("backup.sqlite3"), "--yes", "--json", ...list, ...options];
    const done = await run(there, "restore", ...words);
    expect([done.code, done.said]).toEqual([0, ""]);
    return { there, ...(JSON.parse(done.out) as Record<string, unknown>) };
  }

  it("the list says which went into which, and what had moved is where it was", async () => {
    await backUp(env);
    await inDatabase(env, async (db) => {
      clock.advance(60);
      await joinThem(db, 1, 2);
      await keep(env, db);
    });
    expect(readDeletedList(listOf(env))!.deleted).toMatchObject([{ id: 1, joined_into: 2 }]);
    const { there, ...done } = await afterRestore();
    expect(done).toMatchObject({
      joinedAgain: { joined: 1, left: [] },
      erasedAgain: { erased: 0, others: [] },
    });
    await inDatabase(there, async (db) => {
      expect(await boundTo(db)).toEqual([{ account_key: "unionid:1", user_id: 2 }]);
      expect(await db.kysely.selectFrom("users").select("id").execute()).toEqual([{ id: 2 }]);
      const jobs = await db.kysely.selectFrom("jobs").select("name").where("state", "=", "waiting").execute();
      expect(jobs.map(({ name }) => name)).not.toContain("security-notice");
    });
  });

  it("where the account that stayed is not in the backup, the other one keeps what it has, and is named", async () => {
    await backUp(env);
    await inDatabase(env, async (db) => {
      clock.advance(60);
      const row = { username: "younger1", email: null, password_hash: "!" };
      const added = await db.transaction((transaction) =>
        createUsers({ db, clock }).add(transaction, row, "operator"),
      );
      clock.advance(60);
      await joinThem(db, 1, "id" in added ? added.id : 0);
      await keep(env, db);
    });
    const { there, ...done } = await afterRestore();
    expect(done).toMatchObject({
      joinedAgain: { joined: 0, left: [1] },
      erasedAgain: { erased: 0, others: [] },
    });
    await inDatabase(there, async (db) => {
      expect(await boundTo(db)).toEqual([{ account_key: "unionid:1", user_id: 1 }]);
    });
  });
});

it("where the list is missing, the embedded database that is replaced tells of joins, too", async () => {
  const env = await envOf("sqlite", "site");
  await makeSite(env);
  await backUp(env);
  await inDatabase(env, (db) => joinThem(db, 1, 2));
  const done = await run(env, "restore", inFolder("backup.sqlite3"), "--yes", "--json");
  expect([done.code, JSON.parse(done.out).joinedAgain]).toEqual([0, { joined: 1, left: [] }]);
  await inDatabase(env, async (db) => {
    expect(await boundTo(db)).toEqual([{ account_key: "unionid:1", user_id: 2 }]);
  });
});
