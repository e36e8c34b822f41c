import { randomBelow } from "../kernel/ids.ts";
import type { HasherName } from "./hasher-names.ts";

/**
 * One password algorithm in Django's notation, `algorithm$parameters$…`. Promise: `hash` makes what Django's
 * class of the same name verifies; `read` never throws and refuses what is malformed or so costly that
 * computing it would stall the server. A stored hash is data: it may come from a hostile or broken import.
 */
export interface Hasher {
  /** What comes before the first `$`. */
  readonly algorithm: HasherName;
  /**
   * A hash with today's parameters that no known password makes: checking against it is the work for nobody.
   * Empty where the hasher makes no hashes.
   */
  readonly decoy: string;
  hash(password: string): Promise<string>;
  /** The stored hash, or null when it is malformed or beyond the limits. */
  read(encoded: string): StoredHash | null;
}

export interface StoredHash {
  /** Algorithm and parameters: hashes of one kind take the same time. */
  readonly kind: string;
  /** True when the parameters are not today's, so that a log-in should hash the password again. */
  readonly outdated: boolean;
  matches(password: string): Promise<boolean>;
  /** Another way to read the same text, tried where the first did not match; what it finds is to be renewed. */
  readonly otherwise?: (password: string) => Promise<boolean>;
}

/** Of a hash that nobody has: as long as makeSalt's. */
export const decoySalt = "A".repeat(22);

const saltAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/**
 * A salt as Django makes it since 3.2: 22 letters and digits, 131 bits. A shorter one would make a Django
 * that the accounts move back to hash every password again.
 */
export function makeSalt(): string {
  let salt = "";
  for (let i = 0; i < 22; i++) salt += saltAlphabet[randomBelow(saltAlphabet.length)];
  return salt;
}

/** A decimal without sign or leading zero, at most nine digits, or null. */
export function readNumber(text: string | undefined): number | null {
  return text !== undefined && /^[1-9]\d{0,8}$/.test(text) ? Number(text) : null;
}
