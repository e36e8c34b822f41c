import { email as emailField } from "../../accounts/email.ts";
import { mobile as mobileField } from "../../accounts/mobile.ts";
import { nickname as nicknameField } from "../../accounts/nickname.ts";
import { personName } from "../../accounts/person-name.ts";
import { username as usernameField } from "../../accounts/username.ts";
import { deceptive, withoutDeceptive } from "../../kernel/visible-text.ts";
import type { FindingKind } from "./import-report.ts";

/**
 * The names of a row of Django's users. What nobody could ever type (blanks around a name, a display name around an
 * address) is put right, what can be typed stays as it is, and each such thing is a finding.
 */
export type Note = (kind: FindingKind, detail?: string) => void;

/** Null when no row could stand for it. */
export function readUsername(written: string, note: Note): string | null {
  const username = written.trim();
  if (username === "" || username.length > usernameField.longest || username.includes("\0")) {
    note("refused_username", username === "" ? "empty" : `${username.length} characters or a NUL among them`);
    return null;
  }
  if (username !== written) note("blanks_removed", "user name");
  // An address is a common user name; a blank in the middle can be typed.
  if (deceptive.test(username) || usernameField.operator.check(username) === "username_mixed")
    note("deceptive_username");
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
  if (email.length > emailField.longest || email.includes("\0")) {
    note("field_dropped", `email: ${email.length} characters`);
    return null;
  }
  if (emailField.operator.check(email) === null) {
    if (inside !== undefined) note("address_taken_out", `of ${trimmed.slice(0, 100)}`);
    else if (trimmed !== written) note("blanks_removed", "e-mail");
    return emailField.normalize(email);
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
  const trimmed = written.trim();
  // One of mainland China has one form here, so that its owner is found by it.
  const mobile = trimmed.replace(/^\+86[ -]?(?=1\d{10}$)/, "");
  if (mobile === "") {
    note("empty_mobile");
    return null;
  }
  if (mobile.length > mobileField.longest || mobile.includes("\0")) {
    note("field_dropped", `mobile: ${mobile.length} characters`);
    return null;
  }
  if (trimmed !== written) note("blanks_removed", "mobile");
  if (mobile !== trimmed) note("country_code_removed", trimmed);
  if (mobileField.operator.check(mobile) !== null) note("odd_mobile", mobile);
  return mobile;
}

/** First and last names. */
export function cut(written: string, field: string, note: Note): string {
  const clean = withoutDeceptive(written).slice(0, personName.longest).toWellFormed();
  if (clean !== written) note("field_cut", `${field}: ${written.length} characters`);
  return clean;
}

/** Null for an account without one. */
export function readNickname(written: string, note: Note): string | null {
  const clean = [...withoutDeceptive(written).trim().toWellFormed()].slice(0, nicknameField.longest).join("");
  if (clean !== written) note("field_cut", `nickname: ${written.length} characters`);
  return clean === "" ? null : nicknameField.normalize(clean);
}

export function text(value: unknown): string {
  return value == null ? "" : String(value);
}
