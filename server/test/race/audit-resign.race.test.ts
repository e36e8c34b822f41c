import { setTimeout } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { removeAccount } from "../../src/accounts/change.ts";
import { createAuditChain } from "../../src/audit/audit-chain.ts";
import { beginAnew, readChainStart, resignBeginning } from "../../src/audit/chain-beginning.ts";
import { peekHead } from "../../src/audit/chain-head.ts";
import { resignLinks } from "../../src/audit/resign-links.ts";
import { verifyChain } from "../../src/audit/verify-chain.ts";
import type { Db } from "../../src/engines/database/database.ts";
import type { SecretKeys } from "../../src/kernel/keys.ts";
import { createLog } from "../../src/kernel/log.ts";
import { insertDeleted } from "../../src/rights/deletion-store.ts";
import { pseudonymise } from "../../src/rights/pseudonymise.ts";
import { purgeErased } from "../../src/rights/purge-erased.ts";
import { makePerson } from "../support/people.ts";
import { restartedSite } from "../support/restarted-site.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";
import { testSecretKey } from "../support/test-secret-key.ts";

/** Who signs, or only reads, in the audit log's chain beside whoever writes there: what was read is still so when it counts. */
let test: TestApp;
let second: Awaited<ReturnType<typeof restartedSite>>;
const alarms: string[] = [];
const log = createLog("error", { write: (line) => void alarms.push(line) });
const both: SecretKeys = ["another-key-that-takes-the-place-of-the-first-one", testSecretKey];
const keysNow = (secretKeys: SecretKeys) => ({ db: test.app.db, clock: test.clock, secretKeys, log });

beforeAll(async () => {
  test = await startTestApp();
  second = await restartedSite(test, { secretKey: testSecretKey });
});
afterAll(async () => {
  await second.close();
  await test.close();
});

const entryOf = (id: number) => ({
  ...{ at: 1, actor_id: null, actor: "(late)", action: "user.change", target_kind: "user" },
  ...{ target_id: id, target: `user#${id}`, before: "{}", after: "{}", request_id: null },
});

/** The database or the transaction, with `meanwhile` behind the first time that it reads `table`. */
function pausedAt(transaction: Db, table: string, meanwhile: () => Promise<void>): Db {
  let isOver = false;
  const bound = (value: unknown, of: object) => (typeof value === "function" ? value.bind(of) : value);
  const paused = <Query extends object>(query: Query): Query =>
    new Proxy(query, {
      get(target, name) {
        const value = Reflect.get(target, name);
        if (typeof value !== "function") return value;
        if (!/^execute/.test(String(name)))
          return (...given: unknown[]) => paused(value.apply(target, given) as object);
        return async (...given: unknown[]) => {
          const rows = await value.apply(target, given);
          if (!isOver) await meanwhile();
          isOver = true;
          return rows;
        };
      },
    });
  const kysely = new Proxy(transaction.kysely, {
    get(target, name) {
      const value = bound(Reflect.get(target, name), target);
      if (name !== "selectFrom") return value;
      return (from: string) => {
        const query = (value as (table: string) => object)(from);
        return from === table ? paused(query) : query;
      };
    },
  });
  const one: Db = { ...transaction, kysely, transaction: (work) => work(one) };
  return one;
}

/** Begins it where the other has read, and gives it time to end for which whoever waits for the other has no use. */
async function beside<Result>(
  table: string,
  work: (transaction: Db) => Promise<unknown>,
  other: () => Promise<Result>,
): Promise<Result> {
  let begun: Promise<Result> | undefined;
  const meanwhile = async () => {
    begun = other();
    await Promise.race([begun.catch(() => {}), setTimeout(500)]);
  };
  await test.app.db.transaction((transaction) => work(pausedAt(transaction, table, meanwhile)));
  if (begun === undefined) throw new Error(`nothing read ${table}`);
  return begun;
}

it("a purge that comes while links are signed anew leaves a chain that holds and goes on", async () => {
  const chain = createAuditChain(keysNow([testSecretKey]));
  await chain.begin();
  const gone = 990_001;
  for (let pass = 0; pass < 3; pass++) {
    await test.app.db.kysely.insertInto("audit_entries").values(entryOf(gone)).execute();
    test.clock.advance(61);
    await chain.linkAll();
  }
  await insertDeleted(test.app.db, [testSecretKey], { user_id: gone, deleted_at: 1 });
  const purging = () => purgeErased({ ...keysNow(both), db: second.app.db }, 2, 100);
  expect(await beside("audit_links", (transaction) => resignLinks(transaction, both), purging)).toBe(3);
  expect(await verifyChain(test.app.db, both, null)).toMatchObject({ findings: [], found: 0 });
  const next = createAuditChain(keysNow(both));
  await next.begin();
  await test.app.db.kysely.insertInto("audit_entries").values(entryOf(990_002)).execute();
  test.clock.advance(61);
  await next.linkAll();
  expect(await verifyChain(test.app.db, both, null)).toMatchObject({ notLinked: 0, found: 0 });
  expect(alarms).toEqual([]);
});

it("a chain that is begun anew while the mark of the one before is signed anew keeps its own signature", async () => {
  const begin = (db: Db, secretKeys: SecretKeys) =>
    db.transaction((transaction) =>
      beginAnew(transaction, {
        ...{ secretKeys, audit: test.app.audit, actor: { id: null, name: "operator", requestId: null } },
        ...{ now: test.clock.now(), oldHead: null, found: 0, vouched: 0 },
      }),
    );
  await begin(test.app.db, [testSecretKey]);
  test.clock.advance(1000);
  const again = () => begin(second.app.db, both);
  await beside("audit_marks", (transaction) => resignBeginning(transaction, both), again);
  expect(await readChainStart(test.app.db, both)).toMatchObject({ isSigned: true });
});

/** The first reader of the mark finds it as it was before the pass. */
function passBehindMark(db: Db, meanwhile: () => Promise<unknown>): Db {
  let isOver = false;
  return {
    ...db,
    async first(...given) {
      const row = await db.first(...given);
      if (!isOver && given[0].name === "audit_marks.peek") {
        isOver = true;
        await meanwhile();
      }
      return row;
    },
  };
}

it("who verifies the log, or looks at its end, finds nothing because of who works beside it", async () => {
  const { db, users } = test.app;
  await db.kysely.deleteFrom("audit_links").execute();
  await db.kysely.deleteFrom("audit_marks").execute();
  const chain = createAuditChain(keysNow(both));
  await chain.begin();
  const link = async () => {
    test.clock.advance(61);
    await chain.linkAll();
  };
  const gone = 990_003;
  const { id, username } = await makePerson(test, "goesbeside");
  const about = { ...entryOf(id), target: username, after: `{"first_name":"${username}"}` };
  await db.kysely
    .insertInto("audit_entries")
    .values([entryOf(gone), about, entryOf(gone)])
    .execute();
  await link();
  await insertDeleted(db, both, { user_id: gone, deleted_at: 1 });
  const none = { findings: [], found: 0, notLinked: 0 };
  const purge = async () => void (await purgeErased(keysNow(both), 2, 100));
  expect(await verifyChain(pausedAt(db, "audit_links", purge), both, null)).toMatchObject({
    ...none,
    purged: 2,
  });
  const erase = () =>
    db.transaction(async (transaction) => {
      await users.lock(transaction, id);
      await pseudonymise(transaction, id, []);
      await removeAccount(transaction, id);
      await insertDeleted(transaction, both, { user_id: id, deleted_at: test.clock.now() });
    });
  expect(await verifyChain(pausedAt(db, "audit_entries", erase), both, null)).toMatchObject(none);
  await db.kysely.insertInto("audit_entries").values(entryOf(990_004)).execute();
  expect(await peekHead(passBehindMark(db, link), both)).toEqual({ hash: expect.any(String) });
});
