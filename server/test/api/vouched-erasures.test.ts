import { afterEach, beforeEach, expect, it } from "vitest";
import { createAuditChain } from "../../src/audit/audit-chain.ts";
import { verifyChain } from "../../src/audit/verify-chain.ts";
import type { SecretKeys } from "../../src/kernel/keys.ts";
import { createLog } from "../../src/kernel/log.ts";
import { insertDeleted } from "../../src/rights/deletion-store.ts";
import { notVouched, vouchFor } from "../../src/rights/erased-mac.ts";
import { forgetActors } from "../../src/rights/forget-actors.ts";
import { purgeErased } from "../../src/rights/purge-erased.ts";
import { makePerson } from "../support/people.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";
import { testSecretKey } from "../support/test-secret-key.ts";
import { eraseNow } from "../support/turns.ts";

/** Which rows of `deleted_accounts` are vouched for, and by what: see audit-chain-laundered.test.ts for what comes of it. */
const keys: SecretKeys = [testSecretKey];
const [one, other, third] = [770_001, 770_002, 770_003];
let test: TestApp;
beforeEach(async () => {
  test = await startTestApp();
});
afterEach(() => test.close());

const byHand = (user_id: number, mac: string | null = null) =>
  test.app.db.kysely.insertInto("deleted_accounts").values({ user_id, deleted_at: 1, mac }).execute();
const rowOf = (id: number) =>
  test.app.db.kysely
    .selectFrom("deleted_accounts")
    .selectAll()
    .where("user_id", "=", id)
    .executeTakeFirstOrThrow();

it("by the MAC of their own id and day alone; a command takes those that it is told, and each once", async () => {
  const { db } = test.app;
  await insertDeleted(db, keys, { user_id: one, deleted_at: 1 });
  await byHand(other, (await rowOf(one)).mac);
  await byHand(third, "x".repeat(43));
  expect(await notVouched(db, keys)).toEqual([other, third]);
  await db.kysely.updateTable("deleted_accounts").set({ deleted_at: 0 }).where("user_id", "=", one).execute();
  expect(await notVouched(db, keys)).toEqual([one, other, third]);
  expect(await vouchFor(db, keys, [other])).toBe(1);
  expect(await notVouched(db, keys)).toEqual([one, third]);
  expect(await vouchFor(db, keys, "all")).toBe(2);
  expect(await vouchFor(db, keys, "all")).toBe(0);
  expect(await notVouched(db, keys)).toEqual([]);
});

it("nobody who is here: their row is neither listed nor vouched for, and gets its day when they go", async () => {
  const { id } = await makePerson(test, "stillhere");
  await byHand(id);
  await byHand(other);
  const { db } = test.app;
  expect(await notVouched(db, keys)).toEqual([other]);
  expect(await vouchFor(db, keys, "all")).toBe(1);
  expect(await vouchFor(db, keys, [id])).toBe(0);
  await eraseNow(test, id);
  expect((await rowOf(id)).deleted_at).toBeGreaterThan(1);
});

it("with a chain, what earlier versions erased waits four days for who vouches; by then it goes without", async () => {
  const { db } = test.app;
  const alarms: string[] = [];
  const log = createLog("error", { write: (line) => void alarms.push(line) });
  const deps = { db, clock: test.clock, secretKeys: keys, log };
  const day = 86_400_000;
  const about = (id: number) => ({
    ...{ at: 1, actor_id: id, actor: `user#${id}`, action: "user.change", target_kind: "user" },
    ...{ target_id: id, target: `user#${id}`, before: "{}", after: "{}", request_id: null },
  });
  for (const id of [one, other, third]) {
    await byHand(id);
    await db.kysely.insertInto("audit_entries").values(about(id)).execute();
  }
  // Nobody has use for a signature.
  await db.kysely.deleteFrom("deleted_accounts").where("user_id", "!=", third).execute();
  expect(await forgetActors(deps, 2, 100)).toBe(1);
  expect(await purgeErased(deps, 2, 100)).toBe(1);
  const chain = createAuditChain(deps);
  await chain.begin();
  test.clock.advance(61);
  await chain.linkAll();
  await byHand(one);
  await byHand(other);
  const before = 4 * day;
  expect(await forgetActors(deps, before, 100)).toBe(0);
  expect(await purgeErased(deps, before, 100)).toBe(0);
  expect(await vouchFor(db, keys, [one])).toBe(1);
  expect(await purgeErased(deps, before, 100)).toBe(1);
  expect(alarms).toEqual([]);
  expect(await verifyChain(db, keys, null)).toMatchObject({ found: 0, purged: 1 });
  expect(await purgeErased(deps, before + 1, 100)).toBe(1);
  expect((await verifyChain(db, keys, null)).findings.map(({ what }) => what)).toEqual(["unsigned"]);
});
