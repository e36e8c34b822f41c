import { expect, test } from "vitest";
import {
  looksLikeRecoveryCode,
  newRecoverySeed,
  recoveryCodeIndex,
  recoveryCodesOf,
} from "./recovery-code.ts";

const seed = Buffer.alloc(32, 7);

test("ten codes, each another, that can be read aloud", () => {
  const all = recoveryCodesOf(seed);
  expect(new Set(all).size).toBe(10);
  for (const code of all) expect(code).toMatch(/^[2-9A-HJKMNP-Z]{5}-[2-9A-HJKMNP-Z]{5}$/);
  expect(recoveryCodesOf(seed)).toEqual(all);
});

test("a code is found however it is written", () => {
  recoveryCodesOf(seed).forEach((code, index) => {
    for (const typed of [code, code.toLowerCase(), code.replace("-", ""), ` ${code.replace("-", " ")} `]) {
      expect(recoveryCodeIndex(seed, typed), typed).toBe(index);
    }
  });
});

test("those of another seed are none, and no two seeds are the same", () => {
  const seeds = Array.from({ length: 50 }, newRecoverySeed);
  expect(new Set(seeds.map((one) => one.toString("hex"))).size).toBe(50);
  const [first = ""] = recoveryCodesOf(seed);
  expect(seeds.map((one) => recoveryCodeIndex(one, first))).toEqual(seeds.map(() => null));
});

test("digits of an app are no recovery code, nor is anything else", () => {
  for (const typed of [
    "123456",
    "",
    "ABCDE",
    "ABCDE-2345",
    "ABCDE-234567",
    "ABCDE-2345O",
    "密码密码密码密码密码",
  ]) {
    expect(looksLikeRecoveryCode(typed), typed).toBe(false);
    expect(recoveryCodeIndex(seed, typed), typed).toBeNull();
  }
});
