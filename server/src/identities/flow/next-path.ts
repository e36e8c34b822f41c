/**
 * Where to go after a log-in: a path of the site and nothing else. The original sent people wherever `next`
 * said (open redirect, CWE-601, and script through `javascript:`). Judged as the most careless reader would:
 * decoded repeatedly, normalised as browsers and as Unicode do. Guard: next-path.test.ts (properties).
 */
const maxLength = 1024;
const maxDecodings = 4;
const base = "http://site.invalid";

/** The path as given, or null where any reader could take it for something else than a path of the site. */
export function safeNext(value: string): string | null {
  if (value.length > maxLength) return null;
  let text = value;
  for (let round = 0; round <= maxDecodings; round++) {
    if (!isOwnPath(text) || !isOwnPath(text.normalize("NFKC"))) return null;
    let decoded: string;
    try {
      decoded = decodeURIComponent(text);
    } catch {
      return null;
    }
    if (decoded === text) return value;
    text = decoded;
  }
  // Encoded more often than anybody does by accident.
  return null;
}

/**
 * As `safeNext`, and an address on one of the origins: exactly that, with a path that is safe there. `origins` as browsers
 * write them.
 */
export function safeNextOn(value: string, origins: readonly string[]): string | null {
  const origin = origins.find((one) => value === one || value.startsWith(`${one}/`));
  if (origin === undefined) return safeNext(value);
  const path = safeNext(value.slice(origin.length) || "/");
  return path === null ? null : origin + path;
}

/** What browsers read as another host: `//x`, `/\x`, `/<tab>/x`, and `/.//x` once normalised. */
function isOwnPath(text: string): boolean {
  if (!/^\/(?![/\\])/.test(text)) return false;
  if (/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u200E\u200F\u202A-\u202E\u2066-\u2069\\]/u.test(text)) return false;
  if (!URL.canParse(text, base)) return false;
  const url = new URL(text, base);
  return url.origin === base && !url.pathname.startsWith("//");
}
