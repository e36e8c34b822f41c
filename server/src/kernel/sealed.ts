import { createCipheriv, createDecipheriv } from "node:crypto";
import { randomBytesOf } from "./ids.ts";

/**
 * Secrets that are kept, encrypted: AES-256-GCM (NIST SP 800-38D) with 96 random bits for each, so that one key may seal
 * some billions of them. Promise: what was changed, or put beside other facts than it was sealed with, does not open.
 */
const mark = "s1.";
const ivBytes = 12;
const tagBytes = 16;

/** `facts` stand beside it in the clear and must be the same when it is opened. `key` has 32 bytes. */
export function seal(key: Buffer, secret: Buffer, facts: string): string {
  const iv = randomBytesOf(ivBytes);
  const cipher = createCipheriv("aes-256-gcm", key, iv);
  cipher.setAAD(Buffer.from(facts, "utf8"));
  const parts = [iv, cipher.update(secret), cipher.final(), cipher.getAuthTag()];
  return mark + Buffer.concat(parts).toString("base64url");
}

/** Null for what was not sealed with this key and these facts. */
function unseal(key: Buffer, sealed: string, facts: string): Buffer | null {
  const bytes = Buffer.from(sealed.slice(mark.length), "base64url");
  if (!sealed.startsWith(mark) || bytes.length < ivBytes + tagBytes) return null;
  const decipher = createDecipheriv("aes-256-gcm", key, bytes.subarray(0, ivBytes), {
    authTagLength: tagBytes,
  });
  decipher.setAAD(Buffer.from(facts, "utf8"));
  decipher.setAuthTag(bytes.subarray(-tagBytes));
  try {
    return Buffer.concat([decipher.update(bytes.subarray(ivBytes, -tagBytes)), decipher.final()]);
  } catch {
    return null;
  }
}

/** Opened by whichever of the keys sealed it; null for none. The present key stands first. */
export function unsealByAny(keys: readonly Buffer[], sealed: string, facts: string): Buffer | null {
  for (const key of keys) {
    const secret = unseal(key, sealed, facts);
    if (secret !== null) return secret;
  }
  return null;
}

/** The same under the first key, the present one; null for what is so already, and for what none opens. */
export function reseal(
  [present, ...before]: readonly [Buffer, ...Buffer[]],
  sealed: string,
  facts: string,
): string | null {
  if (unseal(present, sealed, facts) !== null) return null;
  const secret = unsealByAny(before, sealed, facts);
  return secret === null ? null : seal(present, secret, facts);
}
