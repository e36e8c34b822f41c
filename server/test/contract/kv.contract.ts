import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type KeyValue, key, type Leave, type Share } from "../../src/engines/kv/kv.ts";

/** An implementation under test. `elapse` makes its entries that many seconds older. */
export interface KvUnderTest {
  readonly kv: KeyValue;
  elapse(seconds: number): Promise<void>;
  close(): Promise<void>;
}

const granted = { refused: false, value: null, count: 0, retryAfterSeconds: 0, lifeMillis: 0 };

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
      // Half a second: Redis counts by its own clock, and a busy machine takes a tenth between two calls.
      await held.elapse(59.5);
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

    test("a refused operation stops the batch and undoes it: what came before is as it was", async () => {
      const [flag, code, tries, fresh] = [k, `${k}:code`, `${k}:tries`, `${k}:fresh`];
      await kv.set(flag, "sent", 60);
      await kv.set(code, "kept", 60);
      await kv.set(tries, "3", 60);
      const outcomes = await kv.batch([
        { verb: "set", key: code, value: "overwritten", ttlSeconds: 600 },
        { verb: "increment", key: tries, limit: 9, ttlSeconds: 600 },
        { verb: "increment", key: fresh, limit: 9, ttlSeconds: 600 },
        { verb: "add", key: flag, value: "again", ttlSeconds: 60 },
        { verb: "set", key: code, value: "never", ttlSeconds: 60 },
        { verb: "delete", key: tries },
      ]);
      expect(outcomes.map((outcome) => outcome.refused)).toEqual([false, false, false, true, true, true]);
      expect(outcomes[3]?.retryAfterSeconds).toBeGreaterThanOrEqual(59);
      expect(outcomes[4]).toEqual({ ...granted, refused: true });
      expect(await kv.get(tries)).toBe("3");
      expect(await kv.get(code)).toBe("kept");
      expect(await kv.get(fresh)).toBeNull();
      expect(await kv.get(flag)).toBe("sent");
      // With the time to live it had.
      await held.elapse(60);
      expect(await kv.get(code)).toBeNull();
      expect(await kv.get(tries)).toBeNull();
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

    test("expect lets a batch go on only about the entry it was made for", async () => {
      const after = `${k}:after`;
      const about = (value: string) =>
        kv.batch([
          { verb: "expect", key: k, value },
          { verb: "set", key: after, value, ttlSeconds: 60 },
        ]);
      expect((await about("first"))[0]).toMatchObject({ refused: true });
      await kv.set(k, "second", 60);
      expect((await about("first")).map(({ refused }) => refused)).toEqual([true, true]);
      expect(await kv.get(after)).toBeNull();
      expect(await about("second")).toEqual([granted, granted]);
      expect(await kv.get(after)).toBe("second");
    });

    test("expect of nothing lets one of many batches go on", async () => {
      const first = (value: string) =>
        kv.batch([
          { verb: "expect", key: k, value: "" },
          { verb: "set", key: k, value, ttlSeconds: 60 },
        ]);
      const all = await Promise.all(["1", "2", "3", "4"].map(first));
      expect(all.filter(([expected]) => !expected!.refused)).toHaveLength(1);
    });

    test("decrement takes one back, keeps the time, and leaves nothing of the last", async () => {
      const less = { verb: "decrement", key: k } as const;
      expect(await kv.batch([less])).toEqual([granted]);
      for (let i = 0; i < 2; i++) await kv.increment(k, { limit: 2, ttlSeconds: 60 });
      await held.elapse(20);
      await kv.batch([less]);
      expect(await kv.get(k)).toBe("1");
      expect((await kv.increment(k, { limit: 2, ttlSeconds: 60 })).count).toBe(2);
      expect((await kv.increment(k, { limit: 2, ttlSeconds: 60 })).retryAfterSeconds).toBeLessThanOrEqual(40);
      for (let i = 0; i < 3; i++) await kv.batch([less]);
      expect(await kv.get(k)).toBeNull();
    });

    describe("share and leave", () => {
      const times = { ttlSeconds: 180, spanSeconds: 600 };
      const share = (holder: string, value: string): Share => ({
        ...{ verb: "share", key: k, holdersKey: `${k}:holders`, value, holder },
        ...times,
      });
      const leave = (holder: string, value: string): Leave => ({
        ...{ verb: "leave", key: k, holdersKey: `${k}:holders`, value, holder },
      });
      const shared = async (holder: string, value: string) => (await kv.batch([share(holder, value)]))[0]!;
      const holders = () => kv.get(`${k}:holders`);
      /** Redis' clock runs on while a test does. */
      const expectLife = ({ lifeMillis }: { lifeMillis: number }, seconds: number) => {
        expect(lifeMillis).toBeLessThanOrEqual(seconds * 1000);
        expect(lifeMillis).toBeGreaterThan(seconds * 1000 - 2000);
      };

      test("everybody gets the first one's value, and its life is renewed", async () => {
        const first = await shared("a", "one");
        expect(first).toMatchObject({ refused: false, value: "one", count: 1 });
        expectLife(first, 180);
        await held.elapse(100);
        const second = await shared("b", "two");
        expect(second).toMatchObject({ value: "one", count: 2 });
        expectLife(second, 180);
        await held.elapse(170);
        expect(await kv.get(k)).toBe("one");
        expect(await shared("a", "three")).toMatchObject({ value: "one", count: 3 });
        expect(await holders()).toBe("a,b,a");
        await held.elapse(180);
        expect(await kv.get(k)).toBeNull();
        expect(await shared("c", "four")).toMatchObject({ value: "four", count: 1 });
        expect(await holders()).toBe("c");
      });

      test("no share makes it live longer than its span, or shorter than it would", async () => {
        await shared("a", "one");
        for (let i = 0; i < 3; i++) {
          await held.elapse(150);
          await shared("b", "two");
        }
        await held.elapse(100);
        expectLife(await shared("b", "two"), 50);
        const short: Share = { ...share("b", "two"), ttlSeconds: 1 };
        expectLife((await kv.batch([short]))[0]!, 50);
        await held.elapse(50);
        expect([await kv.get(k), await holders()]).toEqual([null, null]);
        expect(await shared("c", "three")).toMatchObject({ value: "three", count: 1 });
      });

      test("it goes with the last share taken back, whoever's that is", async () => {
        await shared("a", "one");
        await shared("b", "two");
        await shared("a", "three");
        await kv.batch([leave("a", "one")]);
        expect(await holders()).toBe("a,b");
        await kv.batch([leave("nobody", "one")]);
        await kv.batch([leave("a", "another value")]);
        expect(await holders()).toBe("a,b");
        await kv.batch([leave("a", "one"), leave("b", "one")]);
        expect([await kv.get(k), await holders()]).toEqual([null, null]);
        await kv.batch([leave("a", "one")]);
        expect(await holders()).toBeNull();
      });

      test("a share in a batch that is refused never was", async () => {
        await kv.set(`${k}:flag`, "1", 60);
        const refused = () =>
          kv.batch([share("b", "two"), { verb: "add", key: `${k}:flag`, value: "2", ttlSeconds: 60 }]);
        await refused();
        expect([await kv.get(k), await holders()]).toEqual([null, null]);
        await shared("a", "one");
        await held.elapse(100);
        await kv.set(`${k}:flag`, "1", 60);
        await refused();
        expect(await holders()).toBe("a");
        await held.elapse(80);
        expect(await kv.get(k)).toBeNull();
      });

      test("what makes no sense is refused", async () => {
        await expect(kv.batch([share("a,b", "one")])).rejects.toThrow(RangeError);
        await expect(kv.batch([{ ...share("a", "one"), spanSeconds: 60 }])).rejects.toThrow(RangeError);
        expect(await kv.get(k)).toBeNull();
      });
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

    test("a probe resolves while the store can be written and read", async () => {
      await expect(kv.probe()).resolves.toBeUndefined();
    });
  });
}
