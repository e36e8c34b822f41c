import type { User } from "../accounts/record.ts";
import type { Asker } from "../devices/asker.ts";
import { createAlarm } from "../engines/kv/alarm.ts";
import type { KeyValue } from "../engines/kv/kv.ts";
import { countedNetworks } from "../engines/kv/network-limit.ts";
import { createRateLimit } from "../engines/kv/rate-limit.ts";
import { AppError } from "../errors/errors.ts";
import { clientNetworks } from "../kernel/client-address.ts";
import { deriveKey, hmac } from "../kernel/keys.ts";
import { limitRule } from "../kernel/limits.ts";
import type { Log } from "../kernel/log.ts";
import { nameKey } from "../kernel/name-key.ts";
import { guessRules } from "../passwords/guess-rules.ts";
import { createStrangerLimits, type StrangerLimitsSettings } from "./stranger-limits.ts";

/**
 * The counters of log-in. Promises:
 *
 * - A try is counted, in atomic steps, before its password is looked at (attack: parallel guessing; guard:
 *   login-limit.race.test.ts).
 * - A device the account knows has counters of its own, so whatever strangers do keeps no owner out of it (guard:
 *   lock-out.test.ts). How strangers are slowed down, and not shut out: stranger-limits.ts.
 * - A name without an account has the same counters, and costs the store the same (guard: log-in.test.ts). The name is
 *   taken as typed: one count for all names of an account would tell whose address is whose.
 * - Every counter of a name and a device belongs to the account's present credentials, so a finished reset ends them
 *   all by its new version; nothing else has to be reset.
 * - A try whose password nobody looked at, because too many hashes waited, takes itself back: who floods the queue
 *   fills nobody's counters (guard: log-in.test.ts).
 * - Right passwords are bounded, too: each costs a hash (guard: log-in-fairness.test.ts).
 */
export interface LogInLimitsSettings extends StrangerLimitsSettings {
  /** Wrong passwords on the whole site within an hour at which the log warns. */
  readonly loginFailureAlarm: number;
}

export interface LogInLimitsDeps extends LogInLimitsSettings {
  readonly kv: KeyValue;
  readonly log: Log;
  readonly secretKey: string;
}

export interface Attempt {
  readonly name: string;
  /** Of the account the name belongs to; 0 where there is none. */
  readonly credentialsVersion: number;
  /** The device's key where that account knows it, else null. */
  readonly device: string | null;
  readonly asker: Asker;
}

/** A try that may be made, and what is to be called when its outcome is known. */
export interface Admission {
  /** Error: `throttled` for one of many tries at once that is past its network's limit. */
  failed(): Promise<void>;
  succeeded(): Promise<void>;
  /** The password was not looked at. */
  unjudged(): Promise<void>;
}

/** One counter as it stands. */
export interface CounterState {
  readonly who: "strangers" | "device";
  readonly rule: string;
  /** 0 = unlimited. */
  readonly limit: number;
  readonly count: number;
  readonly window: number;
}

export function createLogInLimits(deps: LogInLimitsDeps) {
  const { kv, log, loginFailureLimit, loginFailureLimitPerDay } = deps;
  const limit = createRateLimit(kv);
  const strangers = createStrangerLimits(deps);
  const key = deriveKey(deps.secretKey, "log-in limit");
  const failures = guessRules("login", { perHour: loginFailureLimit, perDay: loginFailureLimitPerDay });
  const tries = [...failures, limitRule("login-attempts", deps.loginAttemptLimit)];
  const alarm = createAlarm(deps, {
    ...limitRule("failed_log_ins", deps.loginFailureAlarm),
    message: "many failed log-ins within an hour",
  });
  const subject = (...parts: string[]) =>
    hmac(key, ...parts)
      .toString("base64url")
      .slice(0, 22);

  /** Says in the log whose limit it was that is full. */
  const tooMany = (network: string) => (whose: string, error: unknown) => {
    const isFull = error instanceof AppError && error.code === "throttled";
    if (isFull) log.warn({ client: network }, `log-in throttled: too many ${whose}`);
    return error;
  };

  async function admitDevice(
    device: string,
    { name, credentialsVersion, asker }: Attempt,
  ): Promise<Admission> {
    // Of one account, because a device may be known to several. By its name, because it may try each of them.
    const own = subject("device", device, nameKey(name), String(credentialsVersion));
    await limit.countAll(tries, own).catch((error: unknown) => {
      throw tooMany(asker.network)("tries of one device", error);
    });
    return {
      failed: () => alarm.count(),
      succeeded: () => limit.forgetAll(failures, own),
      unjudged: () => limit.giveBackAll(tries, own),
    };
  }

  async function admitStranger({ name, credentialsVersion, asker }: Attempt): Promise<Admission> {
    const networks = countedNetworks(key, asker);
    const counted = subject("name", nameKey(name), String(credentialsVersion));
    const made = await strangers.admit({ name: counted, networks }, tooMany(asker.network));
    return {
      ...made,
      async failed() {
        await alarm.count();
        await made.failed();
      },
    };
  }

  return {
    /**
     * The counters of a name, for an operator: what all strangers to it have used up, and each of these known devices.
     * Counts nothing. `window` in seconds.
     */
    async stateOf(
      name: string,
      { credentials_version }: Pick<User, "credentials_version">,
      devices: readonly string[],
    ): Promise<CounterState[]> {
      const of = (...parts: string[]) => subject(...parts, nameKey(name), String(credentials_version));
      const subjects = [
        { who: "strangers" as const, counted: of("name") },
        ...devices.map((device) => ({ who: "device" as const, counted: of("device", device) })),
      ];
      const states = subjects.flatMap(({ who, counted }) =>
        tries.map(async (rule) => ({
          ...{ who, rule: rule.name, limit: rule.limit, window: rule.windowSeconds },
          count: rule.limit === 0 ? 0 : await limit.counted(rule, counted),
        })),
      );
      return Promise.all(states);
    },
    /** What an address's network has used up at all names together, for an operator. Counts nothing. */
    async stateOfNetwork(
      address: string,
    ): Promise<(Omit<CounterState, "who"> & { readonly who: "network" })[]> {
      const states = await strangers.stateOfNetwork(countedNetworks(key, clientNetworks(address)));
      return states.map(({ rule, count }) => ({
        ...{ who: "network" as const, rule: rule.name, limit: rule.limit, window: rule.windowSeconds, count },
      }));
    },
    /** Forgets what strangers, and these known devices, did at a name. */
    async unlock(
      name: string,
      { credentials_version }: Pick<User, "credentials_version">,
      devices: readonly string[],
    ): Promise<void> {
      const of = (...parts: string[]) => subject(...parts, nameKey(name), String(credentials_version));
      await strangers.unlockName(of("name"));
      for (const device of devices) await limit.forgetAll(tries, of("device", device));
    },
    /** Forgets what an address's network did at all names together. */
    unlockNetwork: (address: string): Promise<void> =>
      strangers.unlockNetwork(countedNetworks(key, clientNetworks(address))),
    /** Counts a try before its password is looked at. Error: `throttled`. */
    admit: (attempt: Attempt): Promise<Admission> =>
      attempt.device === null ? admitStranger(attempt) : admitDevice(attempt.device, attempt),
  };
}
