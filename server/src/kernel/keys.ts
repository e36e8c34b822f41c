import { createHmac, hkdfSync } from "node:crypto";

/**
 * Keys derived from the one SECRET_KEY, each for one use (HKDF, RFC 5869, SHA-256, label as `info`), so that
 * a value signed for one purpose never verifies for another. Only the HS256 access token uses SECRET_KEY
 * raw, because the mall's other services verify it with that same key.
 */
export function deriveKey(secretKey: string, label: string): Buffer {
  return Buffer.from(hkdfSync("sha256", Buffer.from(secretKey, "utf8"), "", `meiduo-accounts/${label}`, 32));
}

/** The SECRET_KEY that signs now, and after it those that did before and still verify (SECRET_KEY_FALLBACKS). */
export type SecretKeys = readonly [present: string, ...before: string[]];

export function secretKeysOf(config: {
  readonly secretKey: string;
  readonly secretKeyFallbacks: readonly string[];
}): SecretKeys {
  return [config.secretKey, ...config.secretKeyFallbacks];
}

/** As `deriveKey` of each: the first signs and seals, all of them verify and open. */
export function deriveKeys([present, ...before]: SecretKeys, label: string): readonly [Buffer, ...Buffer[]] {
  return [deriveKey(present, label), ...before.map((key) => deriveKey(key, label))];
}

/** HMAC-SHA-256 of the parts, each preceded by its length so that ("ab","c") and ("a","bc") differ. */
export function hmac(key: Buffer, ...parts: string[]): Buffer {
  const mac = createHmac("sha256", key);
  for (const part of parts) mac.update(`${Buffer.byteLength(part)}:`).update(part);
  return mac.digest();
}

/** What stands for a person's address, name or network in a key of a store: shows nothing of it, never repeats. */
export function subjectOf(key: Buffer, value: string): string {
  return hmac(key, value).toString("base64url").slice(0, 22);
}
