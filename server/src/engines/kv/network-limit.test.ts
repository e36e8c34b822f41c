import { afterAll, beforeAll, expect, it } from "vitest";
import { fakeClock } from "../../../test/support/fake-clock.ts";
import { temporarySqlite } from "../../../test/support/sqlite.ts";
import type { Database } from "../database/database.ts";
import type { KeyValue, Operation } from "./kv.ts";
import { createNetworkLimit } from "./network-limit.ts";
import { createSqlKv } from "./sql-kv.ts";

const rule = { name: "tries", limit: 2, windowSeconds: 60 };
const clock = fakeClock();
let db: Database;
let kv: KeyValue;
const batches: (readonly Operation[])[] = [];
beforeAll(async () => {
  db = await temporarySqlite();
  const store = createSqlKv(db, clock);
  kv = {
    ...store,
    batch(operations) {
      batches.push(operations);
      return store.batch(operations);
    },
  };
});
afterAll(() => db.close());

const in48 = (wider: string, i: number) => ({ network: `${wider}-${i}`, wider });
const passed = async (count: number, call: (i: number) => Promise<void>) => {
  let done = 0;
  for (let i = 0; i < count; i++)
    await call(i).then(
      () => done++,
      () => {},
    );
  return done;
};

it("counts an IPv4 network as any limit does", async () => {
  const limit = createNetworkLimit(kv, 3);
  const networks = { network: "four", wider: null };
  expect(await passed(5, () => limit.countAll([rule], networks))).toBe(2);
  expect(await limit.full(rule, networks)).toBe("network");
  await limit.giveBackAll([rule], networks);
  expect(await limit.full(rule, networks)).toBeNull();
  expect(await passed(2, () => limit.countAll([rule], networks))).toBe(1);
});

it("lets a /48 have `widerFactor` times what a network has, in one step", async () => {
  const limit = createNetworkLimit(kv, 3);
  batches.length = 0;
  // One network's refusals use nothing up of the /48's six.
  expect(await passed(20, () => limit.countAll([rule], in48("six", 1)))).toBe(2);
  expect(await limit.full(rule, in48("six", 1))).toBe("network");
  expect(await limit.full(rule, in48("six", 2))).toBeNull();
  expect(await passed(20, (i) => limit.countAll([rule], in48("six", 2 + i)))).toBe(4);
  expect(await limit.full(rule, in48("six", 99))).toBe("wider");
  await expect(limit.countAll([rule], in48("six", 99))).rejects.toMatchObject({
    ...{ code: "throttled", retryAfterSeconds: 60 },
  });
  expect(await passed(1, () => limit.countAll([rule], in48("other", 1)))).toBe(1);
  await limit.giveBackAll([rule], in48("six", 2));
  expect(await passed(2, (i) => limit.countAll([rule], in48("six", 50 + i)))).toBe(1);
  clock.advance(60);
  expect(await limit.full(rule, in48("six", 99))).toBeNull();
  // Every call was one round trip, and on Redis Cluster to one node.
  expect(batches).toHaveLength(20 + 2 + 20 + 1 + 1 + 1 + 1 + 2 + 1);
  for (const batch of batches) {
    expect(new Set(batch.map((operation) => /^\{[^}]*\}/.exec(operation.key)![0])).size).toBe(1);
  }
});

it("a limit of 0 is none", async () => {
  const limit = createNetworkLimit(kv, 3);
  const none = { ...rule, limit: 0 };
  expect(await passed(10, () => limit.countAll([none], in48("none", 1)))).toBe(10);
  expect(await limit.full(none, in48("none", 1))).toBeNull();
  await limit.giveBackAll([none], in48("none", 1));
});
