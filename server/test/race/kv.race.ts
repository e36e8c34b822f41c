import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type KeyValue, key } from "../../src/kv/kv.ts";

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
