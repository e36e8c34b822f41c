import { deriveKeys, hmac, type SecretKeys } from "../kernel/keys.ts";
import { nameKey } from "../kernel/name-key.ts";
import { readableCode } from "../kernel/readable-code.ts";

/**
 * The characters people type. Codes are not stored anywhere: each is derived from a random id, its purpose
 * and its address or number under a key that only the server has. The store and the queue hold the id alone, so
 * reading either gives no code.
 */
const codeLength = 6;

/** Options of a request's schema. */
export const codeField = { minLength: codeLength, maxLength: codeLength } as const;

/** The code with an id, for a purpose and an address. */
export interface CodeOf {
  /** Its characters. */
  (id: string, purpose: string, to: string): string;
  /** And as a mail may have them that was written under an earlier SECRET_KEY. */
  all(id: string, purpose: string, to: string): readonly string[];
}

/** Codes by e-mail. */
export function createCodeOf(secretKeys: SecretKeys): CodeOf {
  return codesUnder(deriveKeys(secretKeys, "verification code"), deriveCode);
}

/** Codes by SMS: digits alone, as vendors' templates for codes take nothing else. */
export function createSmsCodeOf(secretKeys: SecretKeys): CodeOf {
  return codesUnder(deriveKeys(secretKeys, "code by text message"), deriveDigits);
}

type Derive = (key: Buffer, id: string, purpose: string, to: string) => string;

function codesUnder(keys: readonly [Buffer, ...Buffer[]], derive: Derive): CodeOf {
  const by = (key: Buffer, [id, purpose, to]: readonly [string, string, string]) =>
    derive(key, id, purpose, nameKey(to));
  return Object.assign((...code: [string, string, string]) => by(keys[0], code), {
    all: (...code: [string, string, string]) => keys.map((key) => by(key, code)),
  });
}

/** Six characters: 887 million codes. */
function deriveCode(key: Buffer, id: string, purpose: string, address: string): string {
  return readableCode(codeLength, (round) => hmac(key, id, purpose, address, String(round)));
}

/**
 * Six digits: a million codes. Of 48 bits: that a million does not divide them makes no digit likelier by more than one in
 * a hundred million.
 */
function deriveDigits(key: Buffer, id: string, purpose: string, number: string): string {
  const bits = hmac(key, id, purpose, number).readUIntBE(0, 6);
  return String(bits % 10 ** codeLength).padStart(codeLength, "0");
}

/** As compared: without regard to case. */
export function normalizeCode(typed: string): string {
  return typed.toUpperCase();
}
