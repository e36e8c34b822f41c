import { expect, test } from "vitest";
import type { RedisFacts } from "../../engines/kv/redis-facts.ts";
import { checkRedisFacts, checkRedisVersion } from "./engine-checks.ts";

test("Redis 6.2 is the least, as the text says", () => {
  const levelOf = (version: string) => checkRedisVersion(version).level;
  expect(["5.0.14", "6.0.16", "6.1.9", "6.2.0", "7.0.15", "10.0.0"].map(levelOf)).toEqual([
    ...["fail", "fail", "fail"],
    ...["ok", "ok", "ok"],
  ]);
  expect(checkRedisVersion("6.0.16").en).toContain("6.2 or newer");
});

test("what a Redis doesn't say of itself is a warning, never as good as a good answer", () => {
  const silent = { version: null, isReplica: null, policy: null, hasAof: null };
  const levels = (facts: RedisFacts) => checkRedisFacts(facts).map(({ check, level }) => [check, level]);
  expect(levels(silent)).toEqual(
    ["redis", "redis-eviction", "redis-persistence"].map((name) => [name, "warn"]),
  );
  const sound = { version: "7.2.0", isReplica: false, policy: "noeviction", hasAof: true };
  expect(levels(sound)).toEqual([["redis", "ok"]]);
  expect(levels({ ...sound, policy: "volatile-lru", hasAof: false })).toEqual([
    ...[
      ["redis", "ok"],
      ["redis-eviction", "fail"],
      ["redis-persistence", "warn"],
    ],
  ]);
});
