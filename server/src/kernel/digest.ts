import { createHash } from "node:crypto";

/**
 * What a store keeps in place of a random secret: its SHA-256 in base64url, 43 characters. Not for passwords and other things that
 * can be guessed.
 */
export function secretDigest(secret: string): string {
  return createHash("sha256").update(secret).digest("base64url");
}
