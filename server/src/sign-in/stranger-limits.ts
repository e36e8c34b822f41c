import { createGrowingWait, type TakenTry } from "../engines/kv/growing-wait.ts";
import { type KeyValue, key as kvKey, type Operation } from "../engines/kv/kv.ts";
import { type CountedNetworks, createNetworkLimit, widerRules } from "../engines/kv/network-limit.ts";
import type { RateLimitRule } from "../engines/kv/rate-limit.ts";
import { AppError } from "../errors/errors.ts";
import { limitRule, waitRule } from "../kernel/limits.ts";
import { guessRules } from "../passwords/guess-rules.ts";
import type { SignInSettings } from "./settings.ts";

/**
 * How often strangers may try to log in: devices that the account doesn't know. Promises:
 *
 * - Past a number of wrong passwords nobody is refused for good: the network waits before each further try at that name, a
 *   second, two, four, up to LOGIN_WAIT_LONGEST. Each network has waits of its own, so however many others fail at the name,
 *   an owner with a new device gets in after one wait (attack: locking somebody out on purpose; guards: siege.test.ts,
 *   lock-out.test.ts).
 * - Once all strangers together have failed often at a name, no network has free tries at it: a new one waits a minute first.
 * - Of an IPv6 /48 so many tries at a name are looked at in an hour and a day, in waits or not.
 * - A try that is let through costs the store three round trips, and one more where its password is right (guard:
 *   stranger-limits.test.ts).
 */
export interface StrangerLimitsSettings
  extends Pick<
    SignInSettings,
    | "loginFailureLimit"
    | "loginFailureLimitPerDay"
    | "loginWaitLongest"
    | "loginFailureWall"
    | "loginFailureLimitPerClient"
    | "loginAttemptLimit"
    | "loginAttemptLimitPerClient"
  > {
  /** How many times what one network may an IPv6 /48 may. */
  readonly widerNetworkFactor: number;
}

export interface StrangerLimitsDeps extends StrangerLimitsSettings {
  readonly kv: Pick<KeyValue, "get" | "batch">;
}

/** Whose try, hashed. */
export interface Stranger {
  /** The name with the account's credentials. */
  readonly name: string;
  readonly networks: CountedNetworks;
}

/** Is given what there were too many of, for the log, and the error; returns the error. */
export type TooMany = (what: string, error: unknown) => unknown;

/** A try that may be made. */
export interface StrangerTry {
  /** Error: `throttled` for one of many tries at once that is past its network's limit. */
  failed(): Promise<void>;
  succeeded(): Promise<void>;
  unjudged(): Promise<void>;
}

/** How much of a name's counters one network may use before it waits. */
const networkShare = { ofHour: 1 / 5, ofDay: 1 / 2, atLeast: 5 };
/** Where a name is under attack: 64 seconds. */
const siegeStep = 6;
/** What is counted and refuses nobody. */
const unbounded = 1_000_000_000;

export function createStrangerLimits(deps: StrangerLimitsDeps) {
  const { kv, loginFailureLimit: perHour, loginFailureLimitPerDay: perDay, widerNetworkFactor } = deps;
  const networkLimit = createNetworkLimit(kv, widerNetworkFactor);
  const atName = createGrowingWait(kv, waitRule("login", deps.loginWaitLongest));
  const atAnyName = createGrowingWait(kv, waitRule("login-client"));
  const part = (whole: number, share: number) => Math.max(networkShare.atLeast, Math.floor(whole * share));
  const shares = guessRules("login-share", {
    perHour: part(perHour, networkShare.ofHour),
    perDay: part(perDay, networkShare.ofDay),
  });
  const clientFailures = limitRule("login-client", deps.loginFailureLimitPerClient);
  const clientAttempts = [limitRule("login-client-attempts", deps.loginAttemptLimitPerClient)];

  /** All counters of the name that the stranger's tries are counted by. They lie side by side. */
  function countersOf({ name, networks: { network, wider } }: Stranger) {
    const counter = (own: string[]) => (rule: RateLimitRule) => ({
      ...({ verb: "increment", key: kvKey("limit", name, rule.name, ...own) } as const),
      ...{ limit: rule.limit, ttlSeconds: rule.windowSeconds },
    });
    const attempts = limitRule("login-attempts", deps.loginAttemptLimit);
    return {
      failures: guessRules("login", { perHour, perDay }).map(counter([])),
      attempts: attempts.limit > 0 ? [counter([])(attempts)] : [],
      share: shares.map(counter([network])),
      wider: wider === null ? [] : widerRules(shares, widerNetworkFactor).map(counter([wider])),
    };
  }

  /** One more try of a network, or a /48, that failed at many names. */
  async function afterWait(full: "network" | "wider", { network, wider }: CountedNetworks) {
    const isWhole = full === "wider" || wider === null;
    await atAnyName.take(isWhole ? { subject: wider ?? network } : { subject: wider, own: network });
  }

  /** Counts the try; what takes it back. */
  async function countAtName(stranger: Stranger, tooMany: TooMany): Promise<() => Promise<void>> {
    const { failures, attempts, share, wider } = countersOf(stranger);
    const counts = [...failures, ...attempts, ...share, ...wider];
    const giveBack = (some: readonly Operation[]) =>
      kv.batch(some.map(({ key }) => ({ verb: "decrement", key })));
    const outcomes = await kv.batch(counts);
    const at = outcomes.findIndex(({ refused }) => refused);
    if (at === -1) return async () => void (await giveBack(counts));
    const full = counts[at]!;
    const refusal = new AppError("throttled", { retryAfterSeconds: outcomes[at]!.retryAfterSeconds });
    const isSiege = failures.includes(full);
    if ((isSiege && deps.loginFailureWall) || attempts.includes(full)) {
      throw tooMany("tries at one account", refusal);
    }
    if (wider.includes(full)) throw tooMany("failures of one /48 at one account", refusal);
    const counted = [...failures.map((one) => ({ ...one, limit: unbounded })), ...wider];
    const taken: TakenTry = await atName
      .take(waitOf(stranger), { fromStep: isSiege ? siegeStep : 0, counts: counted })
      .catch((error) => {
        throw tooMany(isSiege ? "tries at one account" : "failures of one client at one account", error);
      });
    return async () => void (await Promise.all([taken.giveBack(), giveBack(counted)]));
  }

  const waitOf = ({ name, networks }: Stranger) => ({ subject: name, own: networks.network });

  const ofNetwork = [clientFailures, ...clientAttempts];

  return {
    /** What the network has used up at all names together; counts nothing. */
    stateOfNetwork: (networks: CountedNetworks) =>
      Promise.all(
        ofNetwork.map(async (rule) => ({ rule, count: await networkLimit.counted(rule, networks) })),
      ),

    /** Forgets what a network did at all names together. */
    async unlockNetwork(networks: CountedNetworks): Promise<void> {
      await networkLimit.forgetAll(ofNetwork, networks);
      const { network, wider } = networks;
      if (wider === null) await kv.batch(atAnyName.forgetting({ subject: network }));
      else {
        const both = [{ subject: wider, own: network }, { subject: wider }];
        await kv.batch(both.flatMap((one) => atAnyName.forgetting(one)));
      }
    },

    /** Forgets what all strangers together did at a name. A network that waits at it goes on waiting, LOGIN_WAIT_LONGEST at most. */
    async unlockName(name: string): Promise<void> {
      const { failures, attempts } = countersOf({ name, networks: { network: "", wider: null } });
      const operations = [...failures, ...attempts].map(({ key }): Operation => ({ verb: "delete", key }));
      if (operations.length > 0) await kv.batch(operations);
    },

    /** Counts a try before its password is looked at. Error: `throttled`. */
    async admit(stranger: Stranger, tooMany: TooMany): Promise<StrangerTry> {
      const { networks } = stranger;
      // First, so that a client past its limit counts against nobody's account and fills no store.
      const full = await networkLimit.full(clientFailures, networks);
      if (full !== null) {
        await afterWait(full, networks).catch((error) => {
          throw tooMany("failures of one client", error);
        });
      }
      await networkLimit.countAll(clientAttempts, networks).catch((error) => {
        throw tooMany("tries of one client", error);
      });
      const takeBack = await countAtName(stranger, tooMany);
      return {
        async failed() {
          // Of many tries at once those past the limit are refused here; one that waited is not of them.
          if (full === null) await networkLimit.countAll([clientFailures], networks);
        },
        async succeeded() {
          const { failures, share, wider } = countersOf(stranger);
          const counters = [...failures, ...share, ...wider];
          await kv.batch([
            ...counters.map(({ key }): Operation => ({ verb: "delete", key })),
            ...atName.forgetting(waitOf(stranger)),
          ]);
        },
        // But for the network's own attempts, which bound the flood itself.
        unjudged: takeBack,
      };
    },
  };
}
