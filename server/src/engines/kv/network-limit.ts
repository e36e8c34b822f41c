import { AppError } from "../../errors/errors.ts";
import type { ClientNetworks } from "../../kernel/client-address.ts";
import { subjectOf } from "../../kernel/keys.ts";
import { type KeyValue, key, type Operation } from "./kv.ts";
import type { RateLimitRule } from "./rate-limit.ts";

/**
 * Limits of a client's networks: its own one, and of IPv6 the /48 around it, which may have `widerFactor` times as much.
 * Promises: both are counted in one atomic step and one round trip, for their keys lie side by side; who is past the limit
 * of its own network fills nothing of its neighbours'. Attack: spreading tries over the 65,536 networks of a rented /48
 * (guards: network-limit.test.ts, wider-network.race.test.ts).
 */
export interface NetworkLimit {
  /** Counts one try by each rule. Error: `throttled`, with the seconds until the window ends; then none is counted. */
  countAll(rules: readonly RateLimitRule[], networks: CountedNetworks): Promise<void>;
  /** Takes back one try that `countAll` counted. */
  giveBackAll(rules: readonly RateLimitRule[], networks: CountedNetworks): Promise<void>;
  /** Tries counted so far of its own network; counts nothing. */
  counted(rule: RateLimitRule, networks: CountedNetworks): Promise<number>;
  /** Forgets every try by these rules, of both networks. */
  forgetAll(rules: readonly RateLimitRule[], networks: CountedNetworks): Promise<void>;
  /** Which of the two has no try left, if one has none; counts nothing, so tries at once may pass it together. */
  full(rule: RateLimitRule, networks: CountedNetworks): Promise<"network" | "wider" | null>;
}

/** The networks of a client (kernel/client-address.ts), hashed. */
export interface CountedNetworks {
  readonly network: string;
  readonly wider: string | null;
}

/** The networks as they are counted: hashed, under the key of whoever counts. */
export const countedNetworks = (key: Buffer, { network, wider }: ClientNetworks): CountedNetworks => ({
  network: subjectOf(key, network),
  wider: wider === null ? null : subjectOf(key, wider),
});

/** What an IPv6 /48 may have of what one network may. */
export const widerRules = (rules: readonly RateLimitRule[], factor: number): readonly RateLimitRule[] =>
  rules.map(({ name, limit, windowSeconds }) => ({
    name: `${name}-48`,
    limit: limit * factor,
    windowSeconds,
  }));

export function createNetworkLimit(kv: Pick<KeyValue, "batch">, widerFactor: number): NetworkLimit {
  /** Of each rule the network's count, and then the /48's. */
  function counters(rules: readonly RateLimitRule[], { network, wider }: CountedNetworks) {
    const counted = rules.filter(({ limit }) => limit > 0);
    if (wider === null) return counted.map((rule) => ({ rule, key: key("limit", network, rule.name) }));
    return [
      ...counted.map((rule) => ({ rule, key: key("limit", wider, rule.name, network) })),
      ...widerRules(counted, widerFactor).map((rule) => ({ rule, key: key("limit", wider, rule.name) })),
    ];
  }

  return {
    async countAll(rules, networks) {
      const operations = counters(rules, networks).map(
        ({ rule, key }): Operation => ({
          ...{ verb: "increment", key },
          ...{ limit: rule.limit, ttlSeconds: rule.windowSeconds },
        }),
      );
      if (operations.length === 0) return;
      const refused = (await kv.batch(operations)).find((outcome) => outcome.refused);
      if (refused) throw new AppError("throttled", { retryAfterSeconds: refused.retryAfterSeconds });
    },
    async giveBackAll(rules, networks) {
      const operations = counters(rules, networks).map(({ key }): Operation => ({ verb: "decrement", key }));
      if (operations.length > 0) await kv.batch(operations);
    },
    async counted(rule, networks) {
      const [own] = counters([rule], networks);
      return own === undefined ? 0 : Number((await kv.batch([{ verb: "get", key: own.key }]))[0]!.value);
    },
    async forgetAll(rules, networks) {
      const operations = counters(rules, networks).map(({ key }): Operation => ({ verb: "delete", key }));
      if (operations.length > 0) await kv.batch(operations);
    },
    async full(rule, networks) {
      const of = counters([rule], networks);
      if (of.length === 0) return null;
      const counts = await kv.batch(of.map(({ key }) => ({ verb: "get", key })));
      const at = of.findIndex((counter, i) => Number(counts[i]!.value) >= counter.rule.limit);
      return at === -1 ? null : at === 0 ? "network" : "wider";
    },
  };
}
