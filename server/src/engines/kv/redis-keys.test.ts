import { expect, test } from "vitest";
import { SettingProblem } from "../../errors/setting-problem.ts";
import { readRedisPrefix, redisKeys } from "./redis-keys.ts";

test("without a prefix the names are those from before there were any", () => {
  const { kv, queue } = redisKeys("");
  expect(kv("flag:{a}")).toBe("flag:{a}");
  expect(queue).toBe("{meiduo}");
});

test("whatever the prefix: all keys begin with it, none is another's, and the queue is one hash tag", () => {
  const prefixes = ["shop", "meiduo", "flag", "a", "a:limit", "a.b-c_D:9"];
  const all = ["", ...prefixes].flatMap((prefix) => {
    const { kv, queue, claim } = redisKeys(prefix);
    const keys = [kv("flag:{x}"), kv("limit:{x}:login"), `${queue}:jobs:wait`, claim];
    if (prefix !== "") for (const key of keys) expect(key.startsWith(`${prefix}:`)).toBe(true);
    expect(new Set([queue, claim].map((key) => /\{([^}]*)\}/.exec(key)?.[1])).size).toBe(1);
    expect(/\{([^}]*)\}/.exec(keys[0]!)?.[1]).toBe("x");
    return keys;
  });
  expect(new Set(all).size).toBe(all.length);
});

test("takes what needs no quoting anywhere, and refuses the rest", () => {
  for (const fine of ["shop", "tenant1:accounts", "9", "a".repeat(64)])
    expect(readRedisPrefix(fine)).toBe(fine);
  for (const wrong of ["shop:", ":shop", "{shop}", "a b", "店", "*", "a".repeat(65), "-x"])
    expect(() => readRedisPrefix(wrong), wrong).toThrow(SettingProblem);
});
