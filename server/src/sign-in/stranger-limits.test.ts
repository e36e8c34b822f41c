import { beforeEach, describe, expect, it } from "vitest";
import { fakeClock } from "../../test/support/fake-clock.ts";
import { mapKv } from "../../test/support/map-kv.ts";
import type { Operation } from "../engines/kv/kv.ts";
import { AppError } from "../errors/errors.ts";
import { createStrangerLimits, type Stranger, type StrangerLimitsSettings } from "./stranger-limits.ts";

const clock = fakeClock();
/** Subjects of each round trip to the store. */
const calls: string[][] = [];
const inBraces = (key: string) => /^\{[^}]*\}/.exec(key)![0];

function start(settings: Partial<StrangerLimitsSettings> = {}) {
  const store = mapKv(() => clock.now());
  const limits = createStrangerLimits({
    ...{ loginFailureLimit: 25, loginFailureLimitPerDay: 60, loginFailureLimitPerClient: 30 },
    ...{ loginAttemptLimit: 1200, loginAttemptLimitPerClient: 6000, widerNetworkFactor: 3 },
    ...{ loginWaitLongest: 300, loginFailureWall: false, ...settings },
    kv: {
      get(key: string) {
        calls.push([inBraces(key)]);
        return store.get(key);
      },
      batch(operations: readonly Operation[]) {
        calls.push(operations.map(({ key }) => inBraces(key)));
        return store.batch(operations);
      },
    },
  });
  const admit = (stranger: Stranger) => limits.admit(stranger, (_what, error) => error);
  return {
    admit,
    /** Null for a try that was let through, and failed; else the seconds to wait. */
    async fail(stranger: Stranger): Promise<number | null> {
      try {
        await (await admit(stranger)).failed();
        return null;
      } catch (error) {
        if (!(error instanceof AppError) || error.code !== "throttled") throw error;
        return error.retryAfterSeconds!;
      }
    },
    async failures(count: number, of: (i: number) => Stranger): Promise<(number | null)[]> {
      const waits: (number | null)[] = [];
      for (let i = 0; i < count; i++) waits.push(await this.fail(of(i)));
      return waits;
    },
  };
}
const at = (network: string, name = "owner", wider: string | null = null): Stranger => ({
  ...{ name, networks: { network, wider } },
});
const times = <T>(count: number, value: T) => Array<T>(count).fill(value);

beforeEach(() => {
  calls.length = 0;
});

describe("a network that fails at one name", () => {
  it("waits a second, two, four, up to the longest; a call in the wait makes it no longer", async () => {
    const limits = start();
    expect(await limits.failures(7, () => at("a"))).toEqual([...times(5, null), 1, 1]);
    const waits: (number | null)[] = [];
    for (let wait = 1; waits.length < 10; ) {
      clock.advance(wait);
      expect(await limits.fail(at("a"))).toBeNull();
      wait = (await limits.fail(at("a")))!;
      expect(await limits.fail(at("a"))).toBe(wait);
      waits.push(wait);
    }
    expect(waits).toEqual([2, 4, 8, 16, 32, 64, 128, 256, 300, 300]);
    // Another network has its own tries.
    expect(await limits.failures(6, () => at("b"))).toEqual([...times(5, null), 1]);
  });

  it("begins anew where the password was right", async () => {
    const limits = start();
    await limits.failures(6, () => at("a"));
    clock.advance(1);
    await (await limits.admit(at("a"))).succeeded();
    expect(await limits.failures(6, () => at("a"))).toEqual([...times(5, null), 1]);
  });

  it("has a try back whose password nobody looked at, in a wait as well", async () => {
    const limits = start();
    for (let i = 0; i < 20; i++) await (await limits.admit(at("a"))).unjudged();
    expect(await limits.failures(6, () => at("a"))).toEqual([...times(5, null), 1]);
    clock.advance(1);
    for (let i = 0; i < 20; i++) await (await limits.admit(at("a"))).unjudged();
    expect(await limits.failures(2, () => at("a"))).toEqual([null, 2]);
  });
});

describe("a name at which many networks fail", () => {
  it("has no free tries for a new one, and one for each after a minute", async () => {
    const limits = start();
    expect(await limits.failures(25, (i) => at(`bot-${i}`))).toEqual(times(25, null));
    expect(await limits.failures(3, (i) => at(`new-${i}`))).toEqual([64, 64, 64]);
    clock.advance(64);
    expect(await limits.failures(4, (i) => at(`new-${i}`))).toEqual([null, null, null, 64]);
    expect(await limits.fail(at("new-0"))).toBe(128);
    expect(await limits.fail(at("new-0", "somebody"))).toBeNull();
  });

  it("is shut for strangers until the hour ends by LOGIN_FAILURE_WALL", async () => {
    const limits = start({ loginFailureWall: true });
    await limits.failures(25, (i) => at(`bot-${i}`));
    clock.advance(64);
    expect(await limits.fail(at("new"))).toBe(3600 - 64);
  });
});

it("of one IPv6 /48 so many tries at a name are looked at, in waits or not", async () => {
  const wide = { loginFailureLimit: 1000, loginFailureLimitPerDay: 1000, widerNetworkFactor: 1 };
  const limits = start({ ...wide, loginFailureLimitPerClient: 0 });
  const of = (i: number) => at(`six-${i}`, "owner", "six");
  // Of an hour a fifth, of a day half.
  expect(await limits.failures(201, of)).toEqual([...times(200, null), 3600]);
  expect(await limits.fail(at("other-six", "owner", "other"))).toBeNull();
});

describe("a network that fails at many names", () => {
  it("waits before each further try, up to a minute", async () => {
    const limits = start();
    const names = (i: number) => at("a", `name-${i}`);
    expect(await limits.failures(31, names)).toEqual([...times(30, null), 1]);
    const waits: number[] = [];
    for (let wait = 1; waits.length < 8; waits.push(wait)) {
      clock.advance(wait);
      const name = `later-${waits.length}`;
      expect(await limits.fail(at("a", name))).toBeNull();
      wait = (await limits.fail(at("a", name)))!;
    }
    expect(waits).toEqual([2, 4, 8, 16, 32, 60, 60, 60]);
    expect(await limits.fail(at("b", "again"))).toBeNull();
  });

  it("waits as a /48 once all its networks have failed so often", async () => {
    const limits = start();
    const six = (i: number) => at(`six-${i}`, `name-${i}`, "six");
    expect(await limits.failures(92, six)).toEqual([...times(90, null), 1, 1]);
    clock.advance(1);
    expect(await limits.failures(2, (i) => six(200 + i))).toEqual([null, 2]);
  });
});

describe("round trips to the store", () => {
  it.each([null, "wider"])("are three before the password and one after it (%s)", async (wider) => {
    const limits = start();
    await limits.fail(at("a", "owner", wider));
    calls.length = 0;
    const admitted = await limits.admit(at("a", "owner", wider));
    expect(calls).toHaveLength(3);
    await admitted.succeeded();
    expect(calls).toHaveLength(4);
    // Each to one node of a Redis Cluster.
    for (const subjects of calls) expect(new Set(subjects).size).toBe(1);
  });
});
