import type { CallbackForm, CodelessCallback } from "../definition.ts";

/**
 * The form by which Apple sends people back (developer.apple.com, "Request an authorization to the Sign in with Apple
 * server"). It tells the person's name beside the code, once, at the first log-in, and signs nothing of it: the name becomes a
 * suggestion for the nickname, and the address that stands beside it is never read (attack: a form with somebody else's
 * address; guard: apple-callback.test.ts).
 *
 * The name goes on behind the code, because the code is what front ends hand on.
 */
const mark = "~";
/** Of the API's `code`. */
const codeLimit = 1024;

/** `code` and `state`, or `error` in the standard's word (RFC 6749 section 4.1.2.1) for who cancels. */
export function readForm({ code, state, error, user }: CallbackForm): CodelessCallback {
  const shown = error === "user_cancelled_authorize" ? "access_denied" : error;
  return {
    ...(shown !== undefined ? { error: shown } : code !== undefined && { code: withName(code, user) }),
    ...(state !== undefined && { state }),
  };
}

/** What `readForm` made of code and name. */
export function readCode(sent: string): { readonly code: string; readonly name: string | null } {
  const at = sent.lastIndexOf(mark);
  // A name alone is no code, and Apple is to be the one who refuses it: of what we can't send ourselves an operator hears.
  if (at <= 0) return { code: sent, name: null };
  const name = Buffer.from(sent.slice(at + 1), "base64url").toString("utf8");
  return { code: sent.slice(0, at), name: name === "" ? null : name };
}

function withName(code: string, user: string | undefined): string {
  const name = nameIn(user);
  const whole = `${code}${mark}${Buffer.from(name).toString("base64url")}`;
  const isNeeded = name !== "" || code.includes(mark);
  return isNeeded && whole.length <= codeLimit ? whole : code;
}

/** Of `{"name":{"firstName":"…","lastName":"…"},"email":"…"}`; "" where it is anything else. */
function nameIn(user: string | undefined): string {
  let read: unknown;
  try {
    read = JSON.parse(user ?? "");
  } catch {
    return "";
  }
  const { name } = (read ?? {}) as { name?: unknown };
  const { firstName, lastName } = (name ?? {}) as { firstName?: unknown; lastName?: unknown };
  const [first, last] = [firstName, lastName].map((part) => (typeof part === "string" ? part.trim() : ""));
  if (!first || !last) return cut(first || last || "");
  // In East Asia the family's name comes first, without a space.
  const isEastAsian = /^[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Hangul}]+$/u.test(first + last);
  return cut(isEastAsian ? last + first : `${first} ${last}`);
}

/** Not through a sign that is two units long: half of one would be shown as a question mark. */
const cut = (name: string) => name.slice(0, 64).replace(/[\uD800-\uDBFF]$/, "");
