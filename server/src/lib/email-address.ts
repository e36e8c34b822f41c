import type { FieldCode } from "./error-codes.ts";

/**
 * E-mail addresses: what browsers' `<input type=email>` accepts (HTML standard, "valid e-mail address"), and
 * Chinese characters in the local part, which the tutorial's pattern allowed. Both patterns are linear: no
 * part can match the same text in two ways, so no address makes them slow.
 */
const local = /^[a-zA-Z0-9.!#$%&'*+/=?^_`{|}~\u4e00-\u9fa5-]{1,64}$/;
const label = /^[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?$/;

/** Longest address in characters (RFC 5321 section 4.5.3.1.3, less the angle brackets). */
export const emailMaxLength = 254;

export function checkEmail(value: string): FieldCode | null {
  const at = value.lastIndexOf("@");
  if (value.length > emailMaxLength || at < 1 || !local.test(value.slice(0, at))) return "invalid_email";
  return value
    .slice(at + 1)
    .split(".")
    .every((part) => label.test(part))
    ? null
    : "invalid_email";
}

/** As stored: the domain in lower case (it is case-insensitive), the local part as its owner writes it. */
export function normalizeEmail(value: string): string {
  const at = value.lastIndexOf("@");
  return value.slice(0, at + 1) + value.slice(at + 1).toLowerCase();
}
