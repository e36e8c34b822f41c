import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createAudit } from "../../src/audit/audit.ts";
import { createAuditChain } from "../../src/audit/audit-chain.ts";
import { verifyChain } from "../../src/audit/verify-chain.ts";
import type { Database } from "../../src/engines/database/database.ts";
import { createLog } from "../../src/kernel/log.ts";
import { createDeletedListKeeper } from "../../src/rights/deleted-list.ts";
import { insertDeleted } from "../../src/rights/deletion-store.ts";
import { forgetActors } from "../../src/rights/forget-actors.ts";
import { pseudonymise } from "../../src/rights/pseudonymise.ts";
import { purgeErased } from "../../src/rights/purge-erased.ts";
import {
  backUp,
  clock,
  envOf,
  inDatabase,
  inFolder,
  makeSite,
  run,
  useFolders,
} from "../support/backed-up-site.ts";
import { enginePairs } from "../support/test-engines.ts";
import { testSecretKey } from "../support/test-secret-key.ts";

/** The audit log's chain through a backup and its restore, from each pair of engines into each: nothing is found, and it goes on. */
useFolders();

const secretKeys = [testSecretKey] as const;
const alarms: string[] = [];
const log = createLog("error", { write: (line) => void alarms.push(line) });
const depsOf = (db: Database) => ({ db, clock, secretKeys, log });
const gone = 900_001;

const write = (db: Database, actor: number | null, targetId: number, target: string) =>
  createAudit({ db, clock }).record(
    db,
    { id: actor, name: "clerk", requestId: null },
    {
      ...{ action: "user.change", targetKind: "user", targetId, target },
      ...{ before: { first_name: "a" }, after: { first_name: "b", is_active: 1 } },
    },
  );

async function link(db: Database): Promise<void> {
  const chain = createAuditChain(depsOf(db));
  await chain.begin();
  clock.advance(61);
  await chain.linkAll();
}

const expectSound = async (db: Database, head: string | null = null) => {
  const [entryId, hash] = head?.split(":") ?? [];
  const noted = entryId === undefined ? null : { entryId: Number(entryId), hash: hash! };
  const report = await verifyChain(db, secretKeys, noted);
  expect(report).toMatchObject({ findings: [], notLinked: 0 });
  return report.head!;
};

describe.each(enginePairs)("from %s", (from) => {
  it.each(enginePairs)("into %s", async (into) => {
    alarms.length = 0;
    const env = await envOf(from, "site");
    await makeSite(env);
    const head = await inDatabase(env, async (db) => {
      for (const [actor, id, name] of [
        [2, 1, "xiaoming"],
        [gone, 2, "two"],
        [null, gone, "gone"],
        [gone, gone, "gone"],
      ] as const) {
        await write(db, actor, id, name);
      }
      await link(db);
      // What is at the end of the chain goes, so that the numbers go on behind what is there no more.
      await insertDeleted(db, secretKeys, { user_id: gone, deleted_at: 1 });
      await db.transaction((transaction) => pseudonymise(transaction, gone, []));
      expect(await purgeErased(depsOf(db), 2, 100)).toBe(2);
      return expectSound(db);
    });
    await backUp(env);
    const kept = join(env.DATA_DIR!, "deleted-accounts.json");
    await inDatabase(env, (db) => createDeletedListKeeper({ db, clock, log, deletedAccountsFile: kept })());
    // As after an erasure since.
    const { deleted, ...rest } = JSON.parse(readFileSync(kept, "utf8"));
    const since = { id: 1, erased_at: new Date(clock.now()).toISOString() };
    const list = inFolder("kept.json");
    writeFileSync(list, JSON.stringify({ ...rest, deleted: [...deleted, since] }));
    const there = await envOf(into, "there");
    const done = await run(
      there,
      "restore",
      inFolder("backup.sqlite3"),
      "--yes",
      "--json",
      "--deleted",
      list,
    );
    expect([done.code, done.said]).toEqual([0, ""]);
    await inDatabase(there, async (db) => {
      await write(db, null, 2, "two");
      await link(db);
      await expectSound(db, head);
      expect(await db.kysely.selectFrom("users").select("id").execute()).toEqual([{ id: 2 }]);
      // Due one after the other, as the maintenance has it.
      const later = clock.now() + 1;
      expect(await purgeErased(depsOf(db), later, 100)).toBeGreaterThan(0);
      expect(await forgetActors(depsOf(db), later, 100)).toBeGreaterThan(0);
      await link(db);
      await expectSound(db, head);
    });
    expect(alarms).toEqual([]);
  });
});
