import { expect, test } from "vitest";
import { key } from "../../src/engines/kv/kv.ts";
import type { KvUnderTest } from "./kv.contract.ts";

/** Batches that are asked for at once, which an implementation may send together. */
export function batchesAtOnce(name: string, open: () => Promise<KvUnderTest>): void {
  test(`${name}: each is done or refused by itself`, async () => {
    const { kv, close } = await open();
    const at = (name: string) => key("once", name);
    await kv.add(at("b"), "there", 10);
    const count = { verb: "increment", limit: 3, ttlSeconds: 10 } as const;
    const add = { verb: "add", value: "x", ttlSeconds: 10 } as const;
    const all = await Promise.all([
      kv.batch([
        { ...count, key: at("a") },
        { ...count, key: at("a") },
      ]),
      kv.batch([
        { ...count, key: key("limit", "b") },
        { ...add, key: at("b") },
      ]),
      kv.get(at("b")),
      kv.increment(at("c"), { limit: 3, ttlSeconds: 10 }),
      kv.batch([
        { ...add, key: at("d") },
        { verb: "get", key: at("d") },
      ]),
    ]);
    const [twice, refused, read, once, added] = all;
    expect(twice.map(({ count }) => count)).toEqual([1, 2]);
    expect(refused.map((one) => one.refused)).toEqual([false, true]);
    expect(refused[1]!.retryAfterSeconds).toBeGreaterThan(0);
    expect([read, once.count, added[1]!.value]).toEqual(["there", 1, "x"]);
    // What the refused one did is undone, and nothing else is.
    expect(await kv.get(key("limit", "b"))).toBeNull();
    const kept = await Promise.all(["a", "b", "c", "d"].map((name) => kv.get(at(name))));
    expect(kept).toEqual(["2", "there", "1", "x"]);
    await close();
  });
}
