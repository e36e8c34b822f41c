import type { FieldCode } from "../lib/error-codes.ts";
import { isAscii } from "../lib/name-key.ts";

/**
 * User names of new sign-ups: 5-20 characters, letters of any script with their marks, digits, and . + - _
 * No `@`: such a name would look like somebody's address. Stored NFKC.
 */
export const usernameLength = { min: 5, max: 20 } as const;

/** What nearly every name is, and the longer look would allow as well. */
const plain = /^[A-Za-z0-9.+_-]+$/;
const allowed = /^[\p{L}\p{M}\p{N}.+_-]+$/u;
/** Letters that show nothing (Hangul filler and the like) would make names that look alike or empty. */
const invisible = /\p{Default_Ignorable_Code_Point}/u;

export function normalizeUsername(value: string): string {
  return isAscii(value) ? value : value.normalize("NFKC");
}

export function checkUsername(value: string): FieldCode | null {
  if (plain.test(value)) return null;
  const name = normalizeUsername(value);
  return allowed.test(name) && !invisible.test(name) ? null : "invalid_username";
}
