import { constantTimeEqual } from "../kernel/constant-time.ts";
import { randomBytesOf } from "../kernel/ids.ts";
import { hmac } from "../kernel/keys.ts";
import { readableCharacters, readableCode } from "../kernel/readable-code.ts";

/**
 * Codes for whoever lost the authenticator app: ten, each good once. They are derived from a random seed that lies encrypted in
 * the database, so trying one costs no password hash. Ten characters of 31: 49 bits (OWASP ASVS 5.0 6.5.2 to 6.5.4).
 */
export const recoveryCodeCount = 10;
const half = 5;

export const newRecoverySeed = (): Buffer => randomBytesOf(32);

/** All of a seed, as people write them: `ABCDE-23456`. */
export function recoveryCodesOf(seed: Buffer): string[] {
  return Array.from({ length: recoveryCodeCount }, (_, index) => {
    const code = derive(seed, index);
    return `${code.slice(0, half)}-${code.slice(half)}`;
  });
}

/** Which of the seed's codes this is, however it is written; null for none. Takes the same time for each. */
export function recoveryCodeIndex(seed: Buffer, typed: string): number | null {
  const plain = normalize(typed);
  if (plain === null) return null;
  let found: number | null = null;
  for (let index = 0; index < recoveryCodeCount; index++) {
    if (constantTimeEqual(plain, derive(seed, index))) found = index;
  }
  return found;
}

/** Whether it is written like one, right or wrong: any case, with or without spaces and hyphens. */
export const looksLikeRecoveryCode = (typed: string): boolean => normalize(typed) !== null;

function normalize(typed: string): string | null {
  const plain = typed.toUpperCase().replace(/[\s-]/g, "");
  const isOne = plain.length === 2 * half && [...plain].every((sign) => readableCharacters.includes(sign));
  return isOne ? plain : null;
}

function derive(seed: Buffer, index: number): string {
  return readableCode(2 * half, (round) => hmac(seed, String(index), String(round)));
}
