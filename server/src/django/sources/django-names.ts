import { checkAnyUsername } from "../../accounts/username.ts";
import { checkEmail, normalizeEmail } from "../../kernel/email-address.ts";
import { checkMobile } from "../../kernel/mobile.ts";
import { deceptive, withoutDeceptive } from "../../kernel/visible-text.ts";
import type { FindingKind } from "./import-report.ts";

/**
 * The names of a row of Django's users. What nobody could ever type (blanks around a name, a display name around an
 * address) is put right, what can be typed stays as it is, and each such thing is a finding.
 */
export type Note = (kind: FindingKind, detail?: string) => void;

const limits = { username: 150, email: 254, mobile: 11, name: 150 };

/** Null when no row could stand for it. */
export function readUsername(written: string, note: Note): string | null {
  const username = written.trim();
  if (username === "" || username.length > limits.username || username.includes("\0")) {
    note("refused_username", username === "" ? "empty" : `${username.length} characters or a NUL among them`);
    return null;
  }
  if (username !== written) note("blanks_removed", "user name");
  // An address is a common user name; a blank in the middle can be typed.
  if (deceptive.test(username) || checkAnyUsername(username) === "username_mixed") note("deceptive_username");
  return username;
}

/** `Bob <bob@qq.com>`, as mail programs copy it. */
const withName = /^[^<>]*<\s*([^<>\s]+)\s*>$/;
const likeAddress = /^[^\s@<>]+@[^\s@<>]+$/;

export function readEmail(written: string, note: Note): string | null {
  const trimmed = written.trim();
  if (trimmed === "") return null;
  const inside = withName.exec(trimmed)?.[1];
  const email = inside ?? trimmed;
  if (email.length > limits.email || email.includes("\0")) {
    note("field_dropped", `email: ${email.length} characters`);
    return null;
  }
  if (checkEmail(email) === null) {
    if (inside !== undefined) note("address_taken_out", `of ${trimmed.slice(0, 100)}`);
    else if (trimmed !== written) note("blanks_removed", "e-mail");
    return normalizeEmail(email);
  }
  if (!likeAddress.test(email)) {
    note("not_an_address", trimmed.slice(0, 100));
    return null;
  }
  note("odd_address", email.slice(0, 100));
  return email;
}

/** `#12` is what our own export writes for an account without a number, whose column had to be unique. */
export function readMobile(written: string, note: Note): string | null {
  if (/^#\d{1,10}$/.test(written)) return null;
  const mobile = written.trim();
  if (mobile === "") {
    note("empty_mobile");
    return null;
  }
  if (mobile.length > limits.mobile || mobile.includes("\0")) {
    note("field_dropped", `mobile: ${mobile.length} characters`);
    return null;
  }
  if (mobile !== written) note("blanks_removed", "mobile");
  if (checkMobile(mobile) !== null) note("odd_mobile", mobile);
  return mobile;
}

/** First and last names. */
export function cut(written: string, field: string, note: Note): string {
  const clean = withoutDeceptive(written).slice(0, limits.name).toWellFormed();
  if (clean !== written) note("field_cut", `${field}: ${written.length} characters`);
  return clean;
}

export function text(value: unknown): string {
  return value == null ? "" : String(value);
}
