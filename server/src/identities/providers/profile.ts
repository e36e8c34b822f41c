import { problemOf } from "../../accounts/account-field.ts";
import { email } from "../../accounts/email.ts";
import { readableEmail } from "../../kernel/email-address.ts";
import { withoutDeceptive } from "../../kernel/visible-text.ts";
import type { Profile } from "./provider.ts";

/** Makes what a provider says about a person fit to be stored and shown. */

const nicknameLimit = 64;
/** The column's. */
const avatarLimit = 512;
/** Joiners and variation selectors alone, marks without a letter and the empty braille pattern show nothing. */
const visible = /[^\s\p{M}\p{Default_Ignorable_Code_Point}\u2800]/u;
const graphemes = new Intl.Segmenter("zh", { granularity: "grapheme" });

/** At most 64 characters as people count them, emoji whole; null when nothing visible is left. */
export function cleanNickname(value: unknown): string | null {
  if (typeof value !== "string") return null;
  const clean = withoutDeceptive(value.slice(0, 2000).normalize("NFC").replace(/\s+/gu, " ")).trim();
  let kept = "";
  let count = 0;
  for (const { segment } of graphemes.segment(clean)) {
    // One "character" can carry any number of combining marks; the bytes are bounded as well.
    if (++count > nicknameLimit || kept.length + segment.length > 4 * nicknameLimit) break;
    kept += segment;
  }
  return visible.test(kept) ? kept.trim() : null;
}

/**
 * An https address or null. QQ, Weibo and WeChat send http addresses of hosts that serve https as well; an
 * http picture on an https page would be blocked, and would tell the network who visits.
 */
export function cleanAvatar(value: unknown): string | null {
  if (typeof value !== "string" || value.length > avatarLimit) return null;
  let url: URL;
  try {
    url = new URL(value);
  } catch {
    return null;
  }
  if (url.username !== "" || url.password !== "") return null;
  if (url.protocol === "http:" && url.port === "") url.protocol = "https:";
  // Encoding what is not ASCII makes it up to nine times as long.
  return url.protocol === "https:" && url.href.length <= avatarLimit ? url.href : null;
}

/** An address that a form of ours would take, as people read it, or null. */
function cleanEmail(value: unknown): string | null {
  if (typeof value !== "string") return null;
  const typed = value.trim();
  return problemOf(email, email.person(), typed) === null ? readableEmail(email.normalize(typed)) : null;
}

export function cleanProfile(raw: { nickname: unknown; avatar: unknown; verifiedEmail?: unknown }): Profile {
  return {
    nickname: cleanNickname(raw.nickname),
    avatar: cleanAvatar(raw.avatar),
    verifiedEmail: cleanEmail(raw.verifiedEmail),
  };
}
