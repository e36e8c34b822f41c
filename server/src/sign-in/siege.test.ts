import { expect, it } from "vitest";
import { mapKv } from "../../test/support/map-kv.ts";
import { AppError } from "../errors/errors.ts";
import { createLogInLimits } from "./log-in-limits.ts";

/**
 * A model of somebody who fails at one name on purpose, to guess its password or to keep its owner out: from one network or from
 * many, each of which tries again the moment its wait is over. Meanwhile the owner logs in from a known device, and from new
 * devices in networks of their own. The counters are the product's; the store is a map, the clock is moved, and nothing is
 * random. The figures stand in docs/threats.md.
 */
const hour = 3600;
const settings = {
  ...{ loginFailureLimit: 100, loginFailureLimitPerDay: 100, loginFailureLimitPerClient: 600 },
  ...{ loginAttemptLimit: 1200, loginAttemptLimitPerClient: 6000, loginFailureAlarm: 1_000_000 },
  ...{ loginWaitLongest: 6 * hour, widerNetworkFactor: 10 },
};

interface Siege {
  /** Networks of the attacker; by `six` all of one IPv6 /48. */
  readonly networks: number;
  readonly six: boolean;
  readonly wall: boolean;
  readonly seconds: number;
  /** Seconds between two log-ins of the owner by a new device; 0 for none. */
  readonly ownerEvery: number;
}

async function besiege({ networks, six, wall, seconds, ownerEvery }: Siege) {
  let now = 1_800_000_000_000;
  const log = { warn() {}, debug() {} } as never;
  const limits = createLogInLimits({
    ...{ ...settings, kv: mapKv(() => now), log, secretKey: "k".repeat(32) },
    loginFailureWall: wall,
  });
  /** Null where the password was looked at, else the seconds to wait. */
  async function attempt(network: string, { device = null as string | null, isRight = false } = {}) {
    const asker = { network, wider: six && network.startsWith("bot") ? "bots-48" : null };
    const about = { name: "owner", credentialsVersion: 7, device, asker: asker as never };
    try {
      const admitted = await limits.admit(about);
      await (isRight ? admitted.succeeded() : admitted.failed());
      return null;
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== "throttled") throw error;
      return error.retryAfterSeconds!;
    }
  }

  /** Which of the attacker's networks try again in which second. */
  const due = new Map([[0, Array.from({ length: networks }, (_, bot) => bot)]]);
  const waiting = new Map<number, { readonly since: number; readonly nextAt: number }>();
  let [guesses, knownRefused, ownerIn, longestWait] = [0, 0, 0, 0];
  for (let second = 0; second < seconds; second++) {
    for (const bot of due.get(second) ?? []) {
      let wait = await attempt(`bot-${bot}`);
      for (; wait === null; wait = await attempt(`bot-${bot}`)) guesses++;
      const others = due.get(second + wait);
      if (others === undefined) due.set(second + wait, [bot]);
      else others.push(bot);
    }
    due.delete(second);
    if (second % 60 === 30 && (await attempt("home", { device: "telephone", isRight: true })) !== null) {
      knownRefused++;
    }
    if (ownerEvery > 0 && second % ownerEvery === ownerEvery - 1) {
      waiting.set(second, { since: second, nextAt: second });
    }
    for (const [id, device] of waiting) {
      if (device.nextAt > second) continue;
      const wait = await attempt(`new-${id}`, { isRight: true });
      if (wait !== null) waiting.set(id, { ...device, nextAt: second + wait });
      else {
        waiting.delete(id);
        ownerIn++;
        longestWait = Math.max(longestWait, second - device.since);
      }
    }
    now += 1000;
  }
  return { guesses, knownRefused, ownerIn, stillWaiting: waiting.size, longestWait };
}

it.each([
  // By 50 minutes past, new devices at ten-minute steps; the last of the hour is in within its wait.
  { networks: 1, expected: { guesses: 31, longestWait: 0 } },
  { networks: 1000, expected: { guesses: 5289, longestWait: 64 } },
])(
  "an hour of failing from $networks networks keeps the owner out of no device",
  async ({ networks, expected }) => {
    const figures = await besiege({
      networks,
      six: false,
      wall: false,
      seconds: hour + 100,
      ownerEvery: 600,
    });
    expect(figures).toEqual({ ...expected, knownRefused: 0, ownerIn: 6, stillWaiting: 0 });
  },
);

it.each([
  { networks: 1, six: false, wall: false, guesses: 67 },
  { networks: 100, six: false, wall: false, guesses: 1204 },
  { networks: 1000, six: false, wall: false, guesses: 11_104 },
  { networks: 1000, six: true, wall: false, guesses: 500 },
  { networks: 1000, six: false, wall: true, guesses: 100 },
])(
  "a day at one name from $networks networks is $guesses guesses (of one /48: $six; LOGIN_FAILURE_WALL: $wall)",
  async ({ guesses, ...siege }) => {
    const figures = await besiege({ ...siege, seconds: 24 * hour, ownerEvery: 0 });
    expect(figures).toMatchObject({ guesses, knownRefused: 0 });
  },
  120_000,
);
