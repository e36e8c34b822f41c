import { randomBytes, randomInt, randomUUID } from "node:crypto";

/** Unguessable identifiers. All randomness of the server comes from here (CSPRNG); Math.random is banned. */

/** A token of `bytes` random bytes (default 16 = 128 bits), base64url, safe in a URL. */
export function randomToken(bytes = 16): string {
  return randomBytes(bytes).toString("base64url");
}

/** As many random bytes. */
export function randomBytesOf(count: number): Buffer {
  return randomBytes(count);
}

/** A random UUID (RFC 9562, version 4). */
export function randomId(): string {
  return randomUUID();
}

/** A uniformly random integer in [0, limit). */
export function randomBelow(limit: number): number {
  return randomInt(limit);
}
