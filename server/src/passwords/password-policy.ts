import type { FieldProblem } from "../errors/errors.ts";
import { isCommonPassword } from "./common-passwords.ts";

/**
 * What a new password must be: 8 to 128 characters, any characters, never trimmed or altered; not one that
 * every guessing list begins with; not the account's own name or address with a bit around it. After NIST
 * SP 800-63B section 3.1.1.2: no demands for capitals or digits, which only make "Password1!". Never applied to
 * a log-in: accounts keep the passwords they have.
 */
const minPasswordLength = 8;
const maxPasswordLength = 128;

/** Options of a request's schema. */
export const passwordField = {
  minLength: minPasswordLength,
  maxLength: maxPasswordLength,
  trim: false,
} as const;

/** What an attacker who knows the account would try first. */
export interface AccountWords {
  readonly username?: string | null;
  readonly email?: string | null;
  readonly mobile?: string | null;
}

/** The first thing wrong with the password as a problem of `field`, or null. */
export function passwordProblem(
  password: string,
  account: AccountWords = {},
  field = "password",
): FieldProblem | null {
  const length = characters(password);
  if (length < minPasswordLength) {
    return { field, code: "too_short", parameters: { min: minPasswordLength } };
  }
  if (length > maxPasswordLength) {
    return { field, code: "too_long", parameters: { max: maxPasswordLength } };
  }
  if (isCommonPassword(password) || isPattern(password)) return { field, code: "password_too_common" };
  if (resembles(password, account)) return { field, code: "password_resembles_account" };
  return null;
}

/** Counted as Python and the original count them: an emoji is one. */
function characters(text: string): number {
  // A text of more UTF-16 units than twice the limit is too long however they pair; spares spreading it.
  return text.length > 2 * maxPasswordLength ? text.length : [...text].length;
}

const rows = [
  "abcdefghijklmnopqrstuvwxyz",
  "01234567890",
  "qwertyuiop",
  "asdfghjkl",
  "zxcvbnm",
  "!@#$%^&*()",
];
const walks = rows.flatMap((row) => [row, [...row].reverse().join("")]);

/** One piece repeated (`aaaaaaaa`, `12121212`, `abcabcabc`), or a walk along the alphabet or the keyboard. */
function isPattern(password: string): boolean {
  const text = password.toLowerCase();
  for (let size = 1; size <= 3; size++) {
    const piece = text.slice(0, size);
    if (piece.repeat(Math.ceil(text.length / size)).startsWith(text)) return true;
  }
  return (
    isNumberShape(text) ||
    walks.some((walk) => walk.repeat(Math.ceil(text.length / walk.length) + 1).includes(text))
  );
}

/**
 * What Chinese guessing lists are made of: birthdays in every notation, mobile and QQ numbers (8 to 11 digits that don't
 * begin with 0). Digits alone are no reason (ASVS 6.2.5): a number of 12 digits or more passes.
 */
function isNumberShape(text: string): boolean {
  const plain = text.normalize("NFKC").replace(/^(\+|00)?86[- ]?(?=1[3-9][\d -]{9,13}$)/, "");
  // 1990-1-1 is 19900101, 1/2/1990 is 01021990.
  const parts = plain.split(/[-./ 年月日]+/).filter((part) => part !== "");
  const isWritten = parts.length === 3 && parts.every((part) => /^(\d{1,2}|\d{4})$/.test(part));
  const digits = (isWritten ? parts.map((part) => part.padStart(2, "0")) : parts).join("");
  if (!/^\d+$/.test(digits)) return false;
  if (/^[1-9]\d{7,10}$/.test(digits)) return true;
  return isDate(digits) || isDate(digits.slice(4) + digits.slice(0, 4));
}

/** Eight digits that are a day: year, month, day, or year, day, month. */
function isDate(digits: string): boolean {
  const [, first = "", second = ""] = /^(?:19|20)\d\d(\d\d)(\d\d)$/.exec(digits) ?? [];
  const [a, b] = [Number(first), Number(second)];
  return a >= 1 && b >= 1 && a <= 31 && b <= 31 && Math.min(a, b) <= 12;
}

/**
 * True when the user name, address, its local part or the mobile number makes up 70 % of the password,
 * forwards or backwards, or the password is a piece of it. `adminpass1` for `admin` passes, `admin123` falls
 * to the list, `python01!` for `python01` fails.
 */
function resembles(password: string, account: AccountWords): boolean {
  const text = fold(password);
  const local = account.email?.split("@")[0];
  for (const word of [account.username, account.email, local, account.mobile]) {
    if (!word) continue;
    const own = fold(word);
    if (own.includes(text)) return true;
    if (own.length < 4 || own.length < text.length * 0.7) continue;
    if (text.includes(own) || text.includes([...own].reverse().join(""))) return true;
  }
  return false;
}

function fold(text: string): string {
  return text.normalize("NFKC").toLowerCase();
}
