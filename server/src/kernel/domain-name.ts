import { domainToASCII, domainToUnicode } from "node:url";
import { isAscii } from "./ascii.ts";
import { isOneWriting } from "./writing-systems.ts";

/**
 * Domain names in every writing (UTS 46, as browsers do it). Promise: `例子.中国`, `例子。中国` and
 * `xn--fsqu00a.xn--fiqs8s` have one canonical form, the last, which is what mail servers know.
 */

const label = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
/** What no domain has, though a URL may: looked for before the URL's rules read a part of it as something else. */
const foreign = /[^a-z0-9.\-\u0080-\u{10ffff}]|\s/iu;
/** Of a readable label. Others are symbols, of which `⁄`, `∕` and `꞉` look like a URL's own signs. */
const lettersOnly = /^[\p{L}\p{M}\p{N}\-\u00b7\u30fb]*$/u;
/** Longest domain in characters (RFC 1035 section 2.3.4). Decoding punycode is quadratic in the length. */
const longest = 253;

/** In lower case and punycode; null when it can't be a domain. */
export function canonicalDomain(domain: string): string | null {
  if (domain.length > longest || foreign.test(domain)) return null;
  // The full stops of Chinese and Japanese keyboards; without them `127。1` would be read as an IPv4 address.
  const dotted = domain.replace(/[\u3002\uff0e\uff61]/g, ".").normalize("NFKC");
  const canonical = isAscii(dotted) ? dotted.toLowerCase() : domainToASCII(dotted);
  const isDomain = canonical.length <= longest && canonical.split(".").every((part) => label.test(part));
  return isDomain ? canonical : null;
}

/**
 * As people read it. A label that mixes writings or has symbols stays punycode, as in browsers' address bars (attack: a
 * Cyrillic а in a well-known domain, `qq.com⁄x.example`; guard: domain-name.test.ts).
 */
export function readableDomain(domain: string): string {
  if (!domain.includes("xn--")) return domain;
  const readable = domainToUnicode(domain);
  const isPlain =
    readable.split(".").every((part) => lettersOnly.test(part) && isOneWriting(part)) &&
    canonicalDomain(readable) === domain;
  return isPlain ? readable : domain;
}
