import { createHash } from "node:crypto";
import { randomBelow } from "../kernel/ids.ts";
import { deriveKeys, hmac, type SecretKeys } from "../kernel/keys.ts";

/**
 * What a service shows. Its beginning is this product's own and its last six characters are a sum over the rest, so that
 * a scanner of sources and logs finds it, and tells it from what only looks like it, without asking anybody:
 * `meiduo_svc_[0-9A-Za-z]{46}`. The table has a digest under a key that only the server has, so reading it lets nobody in.
 */
const prefix = "meiduo_svc_";
const letters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/** 238 bits. */
const randomLetters = 40;
const sumLetters = 6;
const form = new RegExp(`^${prefix}[0-9A-Za-z]{${randomLetters + sumLetters}}$`);

export function newServiceSecret(): string {
  const random = Array.from({ length: randomLetters }, () => letters[randomBelow(letters.length)]).join("");
  return `${prefix}${random}${sumOf(random)}`;
}

/** Whether it can have been made here. Asks for no key: everybody can tell. */
export function isServiceSecret(text: string): boolean {
  if (!form.test(text)) return false;
  const random = text.slice(prefix.length, -sumLetters);
  return text.endsWith(sumOf(random));
}

/** Whether it says that it is one, whole or not: nobody else's credentials begin so. */
export const beginsAsServiceSecret = (text: string): boolean => text.startsWith(prefix);

/** What the table has instead of a secret: of a new one the first, under earlier SECRET_KEYs the others. */
export function createServiceMacs(
  secretKeys: SecretKeys,
): (secret: string) => readonly [string, ...string[]] {
  const [present, ...before] = deriveKeys(secretKeys, "service secret");
  const by = (key: Buffer, secret: string) => hmac(key, secret).toString("base64url");
  return (secret) => [by(present, secret), ...before.map((key) => by(key, secret))];
}

/** No protection: it tells a mistyped or made-up secret from one that was made here. */
function sumOf(random: string): string {
  let rest = createHash("sha256").update(`${prefix}${random}`).digest().readUIntBE(0, 6);
  let sum = "";
  for (let i = 0; i < sumLetters; i++) {
    sum = `${letters[rest % letters.length]}${sum}`;
    rest = Math.floor(rest / letters.length);
  }
  return sum;
}
