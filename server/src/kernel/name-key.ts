import { domainToUnicode } from "node:url";
import { isAscii } from "./ascii.ts";
import { canonicalDomain } from "./domain-name.ts";

/**
 * The folded form under which user names, e-mail addresses and mobile numbers are unique and looked up:
 * compatibility-composed (NFKC, so that full-width letters are the plain ones) and without regard to case.
 * Upper-casing first folds what lower-casing alone keeps apart (ß and SS). What follows an @ is a domain, and
 * folded as one: browsers turn x@例子.中国 into punycode, people type it as they know it.
 */
export function nameKey(value: string): string {
  if (isAscii(value)) return value.toLowerCase();
  const composed = value.normalize("NFKC");
  const at = composed.lastIndexOf("@");
  const domain = at < 0 ? null : canonicalDomain(composed.slice(at + 1));
  return domain === null ? fold(composed) : `${fold(composed.slice(0, at))}@${domain}`;
}

/** The column's. Folding can make a name longer: ß becomes ss, and one Arabic ligature eighteen letters. */
export const nameKeyLimit = 254;

/**
 * Every key a name is held under, the one that it was typed as first. There are two for an address in a domain that
 * is not written in ASCII: as earlier versions keep the domain as it was typed, holding both keeps the address
 * one account's while processes of both versions run, and finds the accounts that the earlier ones made. There is
 * only one where folding makes another domain of it: faß.de is not fass.de (IDNA2008), and x@fass.de is somebody else's.
 */
export function nameKeys(value: string): readonly string[] {
  const key = nameKey(value);
  const at = key.lastIndexOf("@");
  if (at < 0 || !key.includes("xn--", at)) return [key];
  const earlier = key.slice(0, at + 1) + fold(domainToUnicode(key.slice(at + 1)));
  if (earlier === key || canonicalDomain(earlier.slice(at + 1)) !== key.slice(at + 1)) return [key];
  return isAscii(value.slice(value.lastIndexOf("@"))) ? [key, earlier] : [earlier, key];
}

function fold(composed: string): string {
  return composed.toUpperCase().toLowerCase().normalize("NFKC");
}
