import { describe, expect, test } from "vitest";
import { base32Of, keyUri, newTotpSecret, stepOf } from "./totp.ts";

/** RFC 6238, appendix B, the rows of SHA-1; six digits are the last six of its eight. */
const secret = Buffer.from("12345678901234567890");
const vectors = [
  [59, "94287082"],
  [1_111_111_109, "07081804"],
  [1_111_111_111, "14050471"],
  [1_234_567_890, "89005924"],
  [2_000_000_000, "69279037"],
  [20_000_000_000, "65353130"],
] as const;

describe("RFC 6238's vectors", () => {
  test.each(vectors)("at %i seconds", (seconds, eight) => {
    const step = Math.floor(seconds / 30);
    expect(stepOf(secret, eight.slice(2), seconds * 1000)).toBe(step);
  });
});

test("a code counts a step before and a step after its own, and says which step it is of", () => {
  const [seconds, eight] = [1_234_567_890, "89005924"];
  const own = Math.floor(seconds / 30);
  const begins = own * 30_000;
  const at = (millis: number) => stepOf(secret, eight.slice(2), begins + millis);
  expect([at(-30_001), at(-30_000), at(0), at(29_999), at(59_999), at(60_000)]).toEqual([
    null,
    own,
    own,
    own,
    own,
    null,
  ]);
});

test("what is no code is none", () => {
  const now = 1_234_567_890_000;
  for (const code of ["", "5924", "00592", "0059240", "abcdef", "89005924", "005925"]) {
    expect(stepOf(secret, code, now), code).toBeNull();
  }
});

test("the app is told site, account and the parameters that every app honours", () => {
  const uri = new URL(keyUri(secret, { issuer: "美多商城", label: "python01@qq.com" }));
  expect([uri.protocol, uri.host]).toEqual(["otpauth:", "totp"]);
  expect(decodeURIComponent(uri.pathname)).toBe("/美多商城:python01@qq.com");
  expect(Object.fromEntries(uri.searchParams)).toEqual({
    ...{ issuer: "美多商城", secret: "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ" },
    ...{ algorithm: "SHA1", digits: "6", period: "30" },
  });
});

test("a secret has 160 random bits", () => {
  const made = Array.from({ length: 50 }, newTotpSecret);
  expect(made.every((one) => one.length === 20 && base32Of(one).length === 32)).toBe(true);
  expect(new Set(made.map((one) => one.toString("hex"))).size).toBe(50);
});
