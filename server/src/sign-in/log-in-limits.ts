import type { User } from "../accounts/record.ts";
import type { Asker } from "../devices/asker.ts";
import { createAlarm } from "../engines/kv/alarm.ts";
import type { KeyValue } from "../engines/kv/kv.ts";
import { createRateLimit } from "../engines/kv/rate-limit.ts";
import { AppError } from "../errors/errors.ts";
import { deriveKey, hmac, subjectOf } from "../kernel/keys.ts";
import type { Log } from "../kernel/log.ts";
import { nameKey } from "../kernel/name-key.ts";
import { guessRules } from "../passwords/guess-rules.ts";

/**
 * The counters of log-in. Promises:
 *
 * - A try is counted, in atomic steps, before its password is looked at (attack: parallel guessing; guard:
 *   login-limit.race.test.ts).
 * - A device the account knows has counters of its own. All strangers to a name share one, and one network may use
 *   only a part of it; so strangers keep no owner out of a known device, and one network no stranger out of another
 *   (attack: locking somebody out on purpose; guard: lock-out.test.ts). A network past its limits counts against
 *   nobody's name.
 * - A name without an account has the same counters, and costs the store the same (guard: log-in.test.ts). The name is
 *   taken as typed: one count for all names of an account would tell whose address is whose.
 * - Every counter of a name and a device belongs to the account's present credentials, so a finished reset ends them
 *   all by its new version; nothing else has to be reset.
 * - A try whose password nobody looked at, because too many hashes waited, takes itself back: who floods the queue
 *   fills nobody's counters (guard: log-in.test.ts).
 * - Right passwords are bounded, too: each costs a hash (guard: log-in-fairness.test.ts).
 */
export interface LogInLimitsSettings {
  /** Wrong passwords in a row of all strangers to a name together, and of each known device. */
  readonly loginFailureLimit: number;
  readonly loginFailureLimitPerDay: number;
  /** Wrong passwords of one client network at whatever names, an hour; 0 = unlimited. */
  readonly loginFailureLimitPerClient: number;
  /** Log-ins, right or wrong, an hour: of all strangers to a name together, and of each known device; 0 = unlimited. */
  readonly loginAttemptLimit: number;
  /** The same of one client network, known devices apart; 0 = unlimited. */
  readonly loginAttemptLimitPerClient: number;
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

/** How much of a name's counters one network may use: so many would have to work together to fill them. */
const networkShare = { ofHour: 1 / 5, ofDay: 1 / 2, atLeast: 5 };

export function createLogInLimits(deps: LogInLimitsDeps) {
  const { kv, log, loginFailureLimit, loginFailureLimitPerDay } = deps;
  const limit = createRateLimit(kv);
  const key = deriveKey(deps.secretKey, "log-in limit");
  const perHour = { windowSeconds: 3600 };
  const failures = guessRules("login", { perHour: loginFailureLimit, perDay: loginFailureLimitPerDay });
  const part = (whole: number, share: number) => Math.max(networkShare.atLeast, Math.floor(whole * share));
  const ofNetwork = guessRules("login-share", {
    perHour: part(loginFailureLimit, networkShare.ofHour),
    perDay: part(loginFailureLimitPerDay, networkShare.ofDay),
  });
  const tries = [...failures, { name: "login-attempts", limit: deps.loginAttemptLimit, ...perHour }];
  const clientFailures = { name: "login-client", limit: deps.loginFailureLimitPerClient, ...perHour };
  const clientAttempts = {
    name: "login-client-attempts",
    limit: deps.loginAttemptLimitPerClient,
    ...perHour,
  };
  const alarm = createAlarm(deps, {
    ...{ name: "failed_log_ins", threshold: deps.loginFailureAlarm, ...perHour },
    message: "many failed log-ins within an hour",
  });
  const subject = (...parts: string[]) =>
    hmac(key, ...parts)
      .toString("base64url")
      .slice(0, 22);

  /** Counts by `count`; says in the log whose limit it was that is full. */
  async function orTold(whose: string, network: string, count: Promise<void>): Promise<void> {
    try {
      await count;
    } catch (error) {
      const isFull = error instanceof AppError && error.code === "throttled";
      if (isFull) log.warn({ client: network }, `log-in throttled: too many ${whose}`);
      throw error;
    }
  }

  async function admitDevice(
    device: string,
    { name, credentialsVersion, asker }: Attempt,
  ): Promise<Admission> {
    // Of one account, because a device may be known to several. By its name, because it may try each of them.
    const own = subject("device", device, nameKey(name), String(credentialsVersion));
    await orTold("tries of one device", asker.network, limit.countAll(tries, own));
    return {
      failed: () => alarm.count(),
      succeeded: () => limit.forgetAll(failures, own),
      unjudged: () => limit.giveBackAll(tries, own),
    };
  }

  async function admitStranger({
    name,
    credentialsVersion,
    asker: { network },
  }: Attempt): Promise<Admission> {
    const client = subjectOf(key, network);
    // First, so that a client past its limit counts against nobody's account and fills no store.
    if (await limit.isFull(clientFailures, client)) {
      log.warn({ client: network }, "log-in throttled: too many failures of one client");
      throw new AppError("throttled", { retryAfterSeconds: 60 });
    }
    await orTold("tries of one client", network, limit.count(clientAttempts, client));
    const all = subject("name", nameKey(name), String(credentialsVersion));
    const share = subject("share", network, nameKey(name), String(credentialsVersion));
    await orTold("failures of one client at one account", network, limit.countAll(ofNetwork, share));
    await orTold("tries at one account", network, limit.countAll(tries, all));
    return {
      async failed() {
        await alarm.count();
        // Of many tries at once those past the limit are refused here.
        await limit.count(clientFailures, client);
      },
      async succeeded() {
        await Promise.all([limit.forgetAll(failures, all), limit.forgetAll(ofNetwork, share)]);
      },
      // But for the network's own attempts, which bound the flood itself.
      async unjudged() {
        await Promise.all([limit.giveBackAll(tries, all), limit.giveBackAll(ofNetwork, share)]);
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
    /** Counts a try before its password is looked at. Error: `throttled`. */
    admit: (attempt: Attempt): Promise<Admission> =>
      attempt.device === null ? admitStranger(attempt) : admitDevice(attempt.device, attempt),
  };
}
