import type { KeyValue, Operation, Outcome } from "../../src/engines/kv/kv.ts";

/** The store's verbs over a map, for models of a day with its hundreds of thousands of calls. `now` in milliseconds. */
export function mapKv(now: () => number): KeyValue {
  const entries = new Map<string, { value: string; endsAt: number }>();
  const found = (key: string) => {
    const entry = entries.get(key);
    return entry !== undefined && entry.endsAt > now() ? entry : undefined;
  };
  const outcome = (refused: boolean, value: string | null, count = 0, endsAt = 0): Outcome => ({
    ...{ refused, value, count, lifeMillis: 0 },
    retryAfterSeconds: refused ? Math.max(1, Math.ceil((endsAt - now()) / 1000)) : 0,
  });
  function one(operation: Operation): Outcome {
    const entry = found(operation.key);
    const until = "ttlSeconds" in operation ? now() + operation.ttlSeconds * 1000 : 0;
    switch (operation.verb) {
      case "get":
        return outcome(false, entry?.value ?? null);
      case "add":
        if (entry !== undefined) return outcome(true, null, 0, entry.endsAt);
        entries.set(operation.key, { value: operation.value, endsAt: until });
        return outcome(false, null);
      case "set":
        entries.set(operation.key, { value: operation.value, endsAt: until });
        return outcome(false, null);
      case "increment": {
        const count = Number(entry?.value ?? 0);
        if (count >= operation.limit) return outcome(true, null, count, entry!.endsAt);
        entries.set(operation.key, { value: String(count + 1), endsAt: entry?.endsAt ?? until });
        return outcome(false, null, count + 1);
      }
      case "decrement": {
        const count = Number(entry?.value ?? 0);
        if (count <= 1) entries.delete(operation.key);
        else entries.set(operation.key, { ...entry!, value: String(count - 1) });
        return outcome(false, null, Math.max(0, count - 1));
      }
      case "delete":
        entries.delete(operation.key);
        return outcome(false, null);
      case "expect":
        return outcome((entry?.value ?? "") !== operation.value, null, 0, now() + 1000);
      case "share": {
        const held = entry?.value ?? operation.value;
        const ends = Math.max(entry?.endsAt ?? 0, until);
        entries.set(operation.key, { value: held, endsAt: ends });
        const holders = found(operation.holdersKey);
        const value = holders ? `${holders.value},${operation.holder}` : operation.holder;
        entries.set(operation.holdersKey, { value, endsAt: now() + operation.spanSeconds * 1000 });
        return { ...outcome(false, held, value.split(",").length), lifeMillis: ends - now() };
      }
      case "leave":
        if (entry?.value === operation.value) {
          entries.delete(operation.key);
          entries.delete(operation.holdersKey);
        }
        return outcome(false, null);
      default:
        throw new Error(`the model has no ${operation.verb}`);
    }
  }
  /** All or nothing, as the real stores. */
  async function batch(operations: readonly Operation[]): Promise<Outcome[]> {
    const before = operations.map(({ key }) => [key, entries.get(key)] as const);
    const outcomes: Outcome[] = [];
    for (const operation of operations) {
      const isOver = outcomes.some(({ refused }) => refused);
      outcomes.push(isOver ? outcome(true, null, 0, now() + 1000) : one(operation));
    }
    if (outcomes.some(({ refused }) => refused)) {
      for (const [key, entry] of before)
        entry === undefined ? entries.delete(key) : entries.set(key, { ...entry });
    }
    return outcomes;
  }
  const single = async (operation: Operation) => (await batch([operation]))[0]!;
  return {
    batch,
    get: async (key: string) => (await single({ verb: "get", key })).value,
    set: async (key: string, value: string, ttlSeconds: number) => {
      await single({ verb: "set", key, value, ttlSeconds });
    },
    delete: async (key: string) => {
      await single({ verb: "delete", key });
    },
    add: (key: string, value: string, ttlSeconds: number) => single({ verb: "add", key, value, ttlSeconds }),
    increment: (key: string, options: { limit: number; ttlSeconds: number }) =>
      single({ verb: "increment", key, ...options }),
  } as KeyValue;
}
