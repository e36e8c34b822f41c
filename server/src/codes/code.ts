import { deriveKey, hmac } from "../kernel/keys.ts";
import { nameKey } from "../kernel/name-key.ts";

/**
 * The characters people type. Codes are not stored anywhere: each is derived from a random id, its purpose
 * and its address under a key that only the server has. The store and the queue hold the id alone, so
 * reading either gives no code.
 */
const alphabet = "23456789ABCDEFGHJKMNPQRSTUVWXYZ";
const codeLength = 6;

/** Options of a request's schema. */
export const codeField = { minLength: codeLength, maxLength: codeLength } as const;

/** Gives the characters of the code with this id, for this purpose and address. */
export type CodeOf = (id: string, purpose: string, email: string) => string;

export function createCodeOf(secretKey: string): CodeOf {
  const key = deriveKey(secretKey, "verification code");
  return (id, purpose, email) => deriveCode(key, id, purpose, nameKey(email));
}

/** Six characters, each uniform over 31 (rejection sampling; a modulo would favour some): 887 million codes. */
function deriveCode(key: Buffer, id: string, purpose: string, address: string): string {
  const limit = 256 - (256 % alphabet.length);
  let code = "";
  for (let round = 0; code.length < codeLength; round++) {
    for (const byte of hmac(key, id, purpose, address, String(round))) {
      if (byte < limit && code.length < codeLength) code += alphabet[byte % alphabet.length];
    }
  }
  return code;
}

/** As compared: without regard to case. */
export function normalizeCode(typed: string): string {
  return typed.toUpperCase();
}
