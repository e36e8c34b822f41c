import type { FieldCode } from "../errors/field-codes.ts";
import { isAscii } from "./ascii.ts";
import { canonicalDomain, readableDomain } from "./domain-name.ts";
import { nameKey, nameKeyLimit } from "./name-key.ts";

/**
 * E-mail addresses: what browsers' `<input type=email>` accepts (HTML standard, "valid e-mail address"), in the
 * local part what Chinese and its neighbours are written in, which the tutorial's pattern meant to allow, and
 * domains in every writing. The patterns are linear: no part can match the same text in two ways, so no address
 * makes them slow.
 */
const local =
  /^[a-zA-Z0-9.!#$%\&'*+\/=?^_`\{\|\}~\-[[\p{L}\p{M}\p{N}]&&[\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}\p{scx=Bopomofo}\p{scx=Hangul}]]]{1,64}$/v;
const invisible = /\p{Default_Ignorable_Code_Point}/u;

/** Longest address in characters (RFC 5321 section 4.5.3.1.3, less the angle brackets). */
export const emailMaxLength = 254;

export function checkEmail(value: string): FieldCode | null {
  const at = value.lastIndexOf("@");
  if (value.length > emailMaxLength || at < 1) return "invalid_email";
  const name = value.slice(0, at);
  if (!local.test(name) || canonicalDomain(value.slice(at + 1)) === null) return "invalid_email";
  if (isAscii(value)) return null;
  const isLong = normalizeEmail(value).length > emailMaxLength || nameKey(value).length > nameKeyLimit;
  return isLong || invisible.test(name) ? "invalid_email" : null;
}

/**
 * As stored: the domain in its canonical form (it has no case, and browsers send another writing than people
 * type), the local part as its owner writes it, composed.
 */
export function normalizeEmail(value: string): string {
  const at = value.lastIndexOf("@");
  const domain = value.slice(at + 1);
  return `${value.slice(0, at + 1).normalize("NFC")}${canonicalDomain(domain) ?? domain.toLowerCase()}`;
}

/** As people read it: `x@xn--fsqu00a.xn--fiqs8s` is x@例子.中国. Also of a user name that is an address. */
export function readableEmail(value: string): string {
  const at = value.lastIndexOf("@");
  return at < 0 ? value : value.slice(0, at + 1) + readableDomain(value.slice(at + 1));
}
