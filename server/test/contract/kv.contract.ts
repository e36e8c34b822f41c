import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type KeyValue, key } from "../../src/kv/kv.ts";

/** An implementation under test. `elapse` makes its entries that many seconds older. */
export interface KvUnderTest {
  readonly kv: KeyValue;
  elapse(seconds: number): Promise<void>;
  close(): Promise<void>;
}

const granted = { refused: false, value: null, count: 0, retryAfterSeconds: 0 };

/** What every implementation of the key-value contract promises. */
export function kvContract(name: string, open: () => Promise<KvUnderTest>): void {
  describe(name, () => {
    let held: KvUnderTest;
    let kv: KeyValue;
    let subject = 0;
    let k: string;
    beforeAll(async () => {
      held = await open();
      kv = held.kv;
    });
    afterAll(() => held?.close());
    beforeEach(() => {
      subject += 1;
      k = key("once", `subject-${subject}`);
    });

    test("an absent key reads as null, takes as null, deletes quietly", async () => {
      expect(await kv.get(k)).toBeNull();
      expect(await kv.take(k)).toBeNull();
      await kv.delete(k);
      expect(await kv.get(k)).toBeNull();
    });

    test("set replaces value and time to live", async () => {
      await kv.set(k, "first", 10);
      await held.elapse(8);
      await kv.set(k, "second: 中文 ' \" %", 10);
      await held.elapse(8);
      expect(await kv.get(k)).toBe("second: 中文 ' \" %");
      await held.elapse(2);
      expect(await kv.get(k)).toBeNull();
    });

    test("an expired entry is gone for every verb", async () => {
      await kv.set(k, "old", 5);
      await held.elapse(5);
      expect(await kv.take(k)).toBeNull();
      await kv.set(k, "old", 5);
      await held.elapse(5);
      expect(await kv.add(k, "new", 5)).toEqual(granted);
      expect(await kv.get(k)).toBe("new");
      await held.elapse(5);
      expect((await kv.increment(k, { limit: 2, ttlSeconds: 5 })).count).toBe(1);
    });

    test("add: the first writer wins and the second is told how long to wait", async () => {
      expect(await kv.add(k, "first", 60)).toEqual(granted);
      await held.elapse(20);
      const second = await kv.add(k, "second", 600);
      expect(second).toMatchObject({ refused: true, value: null });
      expect(second.retryAfterSeconds).toBeGreaterThanOrEqual(39);
      expect(second.retryAfterSeconds).toBeLessThanOrEqual(40);
      expect(await kv.get(k)).toBe("first");
    });

    test("take gives the value once", async () => {
      await kv.set(k, "ticket", 60);
      expect(await kv.take(k)).toBe("ticket");
      expect(await kv.take(k)).toBeNull();
      expect(await kv.get(k)).toBeNull();
    });

    test("increment counts to the limit, then refuses until the first call's time is over", async () => {
      const options = { limit: 3, ttlSeconds: 60 };
      for (const count of [1, 2, 3]) {
        expect(await kv.increment(k, options)).toEqual({ ...granted, count });
        await held.elapse(10);
      }
      const refused = await kv.increment(k, options);
      expect(refused).toMatchObject({ refused: true, count: 3 });
      expect(refused.retryAfterSeconds).toBeGreaterThanOrEqual(29);
      expect(refused.retryAfterSeconds).toBeLessThanOrEqual(30);
      expect(await kv.get(k)).toBe("3");
      await held.elapse(30);
      expect(await kv.increment(k, options)).toEqual({ ...granted, count: 1 });
    });

    test("a refusal in the entry's last moment still asks for at least one second", async () => {
      await kv.add(k, "x", 60);
      await held.elapse(59.9);
      expect((await kv.add(k, "y", 60)).retryAfterSeconds).toBe(1);
    });

    test("a batch does its operations in order and answers each", async () => {
      const other = `${k}:b`;
      await kv.set(other, "old", 60);
      expect(
        await kv.batch([
          { verb: "add", key: k, value: "1", ttlSeconds: 60 },
          { verb: "get", key: k },
          { verb: "take", key: other },
          { verb: "set", key: other, value: "new", ttlSeconds: 60 },
          { verb: "increment", key: `${k}:c`, limit: 5, ttlSeconds: 60 },
          { verb: "delete", key: k },
        ]),
      ).toEqual([
        granted,
        { ...granted, value: "1" },
        { ...granted, value: "old" },
        granted,
        { ...granted, count: 1 },
        granted,
      ]);
      expect(await kv.get(k)).toBeNull();
      expect(await kv.get(other)).toBe("new");
    });

    test("a refused operation stops the batch: what came before stays, what comes after is not done", async () => {
      const [flag, code, tries] = [k, `${k}:code`, `${k}:tries`];
      await kv.set(flag, "sent", 60);
      await kv.set(code, "kept", 60);
      const outcomes = await kv.batch([
        { verb: "set", key: tries, value: "7", ttlSeconds: 60 },
        { verb: "add", key: flag, value: "again", ttlSeconds: 60 },
        { verb: "set", key: code, value: "overwritten", ttlSeconds: 60 },
        { verb: "delete", key: tries },
      ]);
      expect(outcomes.map((outcome) => outcome.refused)).toEqual([false, true, true, true]);
      expect(outcomes[1]?.retryAfterSeconds).toBeGreaterThanOrEqual(59);
      expect(outcomes[2]).toEqual({ refused: true, value: null, count: 0, retryAfterSeconds: 0 });
      expect(await kv.get(tries)).toBe("7");
      expect(await kv.get(code)).toBe("kept");
      expect(await kv.get(flag)).toBe("sent");
    });

    test("an increment past its limit stops the batch too", async () => {
      await kv.increment(k, { limit: 1, ttlSeconds: 60 });
      const outcomes = await kv.batch([
        { verb: "increment", key: k, limit: 1, ttlSeconds: 60 },
        { verb: "set", key: `${k}:after`, value: "x", ttlSeconds: 60 },
      ]);
      expect(outcomes[0]).toMatchObject({ refused: true, count: 1 });
      expect(await kv.get(`${k}:after`)).toBeNull();
    });

    test("an empty batch does nothing", async () => {
      expect(await kv.batch([])).toEqual([]);
    });

    test("a time to live or limit that makes no sense is refused and writes nothing", async () => {
      await expect(kv.set(k, "x", 0)).rejects.toThrow(RangeError);
      await expect(kv.add(k, "x", -1)).rejects.toThrow(RangeError);
      await expect(kv.increment(k, { limit: 0, ttlSeconds: 10 })).rejects.toThrow(RangeError);
      await expect(kv.set(k, "x", Number.NaN)).rejects.toThrow(RangeError);
      expect(await kv.get(k)).toBeNull();
    });

    test("ping resolves while the store is there", async () => {
      await expect(kv.ping()).resolves.toBeUndefined();
    });
  });
}
