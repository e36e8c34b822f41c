import { createPublicKey, verify } from "node:crypto";
import { expect, it } from "vitest";
import { makeSigningKey, openSigningKey, type PublicAlgorithm, thumbprint } from "./signing-key.ts";

const secretKeys = ["k".repeat(32)] as const;

it("a key's name is its thumbprint, as RFC 7638 section 3.1 computes one", () => {
  const n =
    "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw";
  const jwk = { kty: "RSA", n, e: "AQAB", alg: "RS256", kid: "2011-04-29" };
  expect(thumbprint(jwk)).toBe("NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
});

it.each([
  ["ES256", 2048, ["crv", "kty", "x", "y", "kid", "alg", "use"]],
  ["RS256", 2048, ["e", "kty", "n", "kid", "alg", "use"]],
  ["RS256", 3072, ["e", "kty", "n", "kid", "alg", "use"]],
] as const)("%s of %i bits: what is published verifies, and is public", async (algorithm, bits, members) => {
  const made = await makeSigningKey(secretKeys, algorithm, bits);
  const key = openSigningKey(secretKeys, { ...made, algorithm })!;
  expect(Object.keys(key.jwk)).toEqual(members);
  expect(key.jwk).toMatchObject({ kid: made.kid, alg: algorithm, use: "sig" });
  expect(thumbprint(key.jwk)).toBe(made.kid);
  const publicKey = createPublicKey({ key: { ...key.jwk }, format: "jwk" });
  if (algorithm === "RS256") expect(publicKey.asymmetricKeyDetails?.modulusLength).toBe(bits);
  const signature = Buffer.from(key.sign("a.b"), "base64url");
  const options = { key: publicKey, dsaEncoding: "ieee-p1363" } as const;
  expect(verify("sha256", Buffer.from("a.b"), options, signature)).toBe(true);
  expect(verify("sha256", Buffer.from("a.c"), options, signature)).toBe(false);
});

it("a sealed key opens under its SECRET_KEY, for its own name and algorithm, and not otherwise", async () => {
  const made = await makeSigningKey(secretKeys, "ES256", 2048);
  const open = (over: object, keys: readonly [string, ...string[]] = secretKeys) =>
    openSigningKey(keys, { ...made, algorithm: "ES256" as PublicAlgorithm, ...over });
  expect(open({})).not.toBeNull();
  expect(open({}, ["x".repeat(32), ...secretKeys])).not.toBeNull();
  expect(open({}, ["x".repeat(32)])).toBeNull();
  expect(open({ kid: "another" })).toBeNull();
  expect(open({ algorithm: "RS256" })).toBeNull();
  expect(open({ sealed: "" })).toBeNull();
  // Every byte counts: salt, text and tag.
  for (const at of [5, 40, made.sealed.length - 3]) {
    const other = made.sealed[at] === "A" ? "B" : "A";
    expect(open({ sealed: made.sealed.slice(0, at) + other + made.sealed.slice(at + 1) })).toBeNull();
  }
});
