import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type KeyValue, key } from "../../src/engines/kv/kv.ts";

/** Stores that share one engine as separate processes would; N callers spread over them. */
export interface KvRace {
  readonly stores: readonly KeyValue[];
  close(): Promise<void>;
}

const callers = 60;

export function kvRace(name: string, open: () => Promise<KvRace>): void {
  describe(name, () => {
    let held: KvRace;
    beforeAll(async () => {
      held = await open();
    });
    afterAll(() => held?.close());

    const race = <Result>(call: (kv: KeyValue, caller: number) => Promise<Result>) =>
      Promise.all(
        Array.from({ length: callers }, (_, caller) =>
          call(held.stores[caller % held.stores.length] as KeyValue, caller),
        ),
      );
    const rounds = Array.from({ length: 5 }, (_, round) => round);

    test.each(rounds)("add: exactly one of many writers wins (round %i)", async (round) => {
      const k = key("sendFlag", `add-${round}`);
      const outcomes = await race((kv, caller) => kv.add(k, String(caller), 60));
      const winners = outcomes.flatMap((outcome, caller) => (outcome.refused ? [] : [caller]));
      expect(winners).toHaveLength(1);
      expect(await held.stores[0]?.get(k)).toBe(String(winners[0]));
    });

    test.each(rounds)("take: exactly one of many receives the value (round %i)", async (round) => {
      const k = key("ticket", `take-${round}`);
      await held.stores[0]?.set(k, "value", 60);
      const values = await race((kv) => kv.take(k));
      expect(values.filter((value) => value !== null)).toEqual(["value"]);
    });

    test.each(rounds)("increment: exactly as many as the limit get through (round %i)", async (round) => {
      const k = key("limit", `increment-${round}`);
      const outcomes = await race((kv) => kv.increment(k, { limit: 7, ttlSeconds: 60 }));
      const counts = outcomes.filter((outcome) => !outcome.refused).map((outcome) => outcome.count);
      expect(counts.sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7]);
      expect(await held.stores[0]?.get(k)).toBe("7");
    });

    test.each(rounds)(
      "batch of two counters: the first full one refuses, and the other counts no refusal (round %i)",
      async (round) => {
        const [hour, day] = [key("limit", `two-${round}`, "hour"), key("limit", `two-${round}`, "day")];
        const outcomes = await race((kv) =>
          kv.batch([
            { verb: "increment", key: hour, limit: 5, ttlSeconds: 60 },
            { verb: "increment", key: day, limit: 7, ttlSeconds: 600 },
          ]),
        );
        expect(outcomes.filter((both) => both.every(({ refused }) => !refused))).toHaveLength(5);
        expect(await held.stores[0]?.get(hour)).toBe("5");
        expect(await held.stores[0]?.get(day)).toBe("5");
      },
    );

    test.each(rounds)("batch: flag and code always belong to the same winner (round %i)", async (round) => {
      const [flag, code] = [key("sendFlag", `batch-${round}`), key("code", `batch-${round}`)];
      const outcomes = await race((kv, caller) =>
        kv.batch([
          { verb: "add", key: flag, value: String(caller), ttlSeconds: 60 },
          { verb: "set", key: code, value: String(caller), ttlSeconds: 60 },
        ]),
      );
      expect(outcomes.filter(([added]) => !added?.refused)).toHaveLength(1);
      expect(await held.stores[0]?.get(code)).toBe(await held.stores[0]?.get(flag));
    });

    test.each(rounds)("share: everybody holds one value, and each is a holder (round %i)", async (round) => {
      const names = { key: key("code", `share-${round}`), holdersKey: key("askers", `share-${round}`) };
      const times = { ttlSeconds: 60, spanSeconds: 60 };
      const outcomes = await race((kv, caller) =>
        kv.batch([{ verb: "share", ...names, value: `v${caller}`, holder: `h${caller}`, ...times }]),
      );
      expect(new Set(outcomes.map(([shared]) => shared?.value)).size).toBe(1);
      expect(outcomes.map(([shared]) => shared?.count).sort((a, b) => a! - b!)).toEqual(
        outcomes.map((_, i) => i + 1),
      );
      const { value } = outcomes[0]![0]!;
      await race((kv, caller) =>
        kv.batch([{ verb: "leave", ...names, value: value!, holder: `h${caller}` }]),
      );
      expect(await held.stores[0]?.get(names.key)).toBeNull();
      expect(await held.stores[0]?.get(names.holdersKey)).toBeNull();
    });

    test.each(rounds)(
      "a refused batch counts nothing, however many are refused (round %i)",
      async (round) => {
        const [day, hour] = [key("mails", `undone-${round}`, "day"), key("mails", `undone-${round}`, "hour")];
        const outcomes = await race((kv) =>
          kv.batch([
            { verb: "increment", key: day, limit: 50, ttlSeconds: 60 },
            { verb: "increment", key: hour, limit: 4, ttlSeconds: 60 },
          ]),
        );
        expect(outcomes.filter((batch) => batch.every(({ refused }) => !refused))).toHaveLength(4);
        expect(await held.stores[0]?.get(day)).toBe("4");
      },
    );

    test.each(rounds)("decrement: as many as were counted are taken back (round %i)", async (round) => {
      const k = key("limit", `decrement-${round}`);
      for (let i = 0; i < callers + 2; i++) {
        await held.stores[0]?.increment(k, { limit: callers + 2, ttlSeconds: 60 });
      }
      await race((kv) => kv.batch([{ verb: "decrement", key: k }]));
      expect(await held.stores[0]?.get(k)).toBe("2");
    });

    test("batches that touch the same keys in opposite orders all finish", async () => {
      const [a, b] = [key("once", "order", "a"), key("once", "order", "b")];
      const outcomes = await race((kv, caller) => {
        const set = (k: string) => ({ verb: "set", key: k, value: String(caller), ttlSeconds: 60 }) as const;
        return kv.batch(caller % 2 ? [set(a), set(b)] : [set(b), set(a)]);
      });
      expect(outcomes.flat().every((outcome) => !outcome.refused)).toBe(true);
      expect(await held.stores[0]?.get(a)).toBe(await held.stores[0]?.get(b));
    });
  });
}
