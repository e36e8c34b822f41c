import { AppError } from "../errors/errors.ts";
import type { FieldCode } from "../errors/field-codes.ts";
import { isAscii } from "../kernel/ascii.ts";
import { looksLikeMobile } from "../kernel/mobile.ts";
import { nameKey, nameKeyLimit } from "../kernel/name-key.ts";
import { isOneWriting } from "../kernel/writing-systems.ts";
import { type AccountField, isSameName } from "./account-field.ts";
import type { User } from "./record.ts";
import type { ReservedUsernames } from "./reserved-usernames.ts";

/** Of a name that people choose themselves, in characters. */
const longestChosen = 20;

/**
 * What a user name may be, for every door through which one comes in. Stored NFKC. Letters of any script with
 * their marks, digits, and . + - _; an operator may give names with @ as well, and of up to 150 characters.
 * Imported accounts keep what they have; what of it nobody could type is a finding of the import.
 *
 * Attacks, and the guard (usernames.test.ts): a name that looks like another's or like nothing (mixed writings,
 * characters that show nothing, marks or modifier letters alone); one that speaks for the site, or looks like somebody's number.
 */
export const username = {
  name: "username",
  longest: 150,
  normalize,
  person: (reserved: ReservedUsernames) => ({
    minLength: 5,
    maxLength: longestChosen,
    check: (value: string) => checkChosen(value, reserved),
    measured,
  }),
  operator: { minLength: 1, maxLength: 150, check: checkAny, measured },
  /** Of forms that send back what they showed: `changeUser` asks for the operator's rule where the name is another. */
  sentBack: { maxLength: 150, measured },
  called: { zh: "用户名", en: "user name" },
} as const satisfies AccountField<"username"> & Record<string, unknown>;

const allowed = /^[\p{L}\p{M}\p{N}.+_@-]+$/u;
const invisible = /\p{Default_Ignorable_Code_Point}/u;
/** A mark needs a letter before it, and more than four on one cover the lines above. */
const looseMark = /(^|[.+_@-])\p{M}|\p{Mn}{5}/u;
/** Letters that stand alone; not those that only modify one (ˈ ʰ ー) or are drawn like a bar or a quotation mark (ǀ ꞌ). */
const visible = /[[\p{L}\p{N}]--\p{Lm}--[\u01c0-\u01c3\ua78b\ua78c\ua78f]]/v;

function normalize(value: string): string {
  return isAscii(value) ? value : value.normalize("NFKC");
}

/** What most names are; the tables of all writings take longer than the rest of the check. */
const isPlain = (value: string) => /^[a-z\d.+_-]+$/i.test(value) && /[a-z\d]/i.test(value);

/** What an operator may call an account: on the command line, under /admin/. */
function checkAny(value: string): FieldCode | null {
  if (isPlain(value)) return null;
  const name = normalize(value);
  if (!allowed.test(name) || !visible.test(name)) return "invalid_username";
  if (isAscii(name)) return null;
  if (invisible.test(name) || looseMark.test(name)) return "invalid_username";
  return name.split("@").every(isOneWriting) ? null : "username_mixed";
}

/** What people may choose themselves, besides its length. */
function checkChosen(value: string, reserved: ReservedUsernames): FieldCode | null {
  const name = normalize(value);
  if (name.includes("@")) return "invalid_username";
  const problem = checkAny(name);
  if (problem !== null) return problem;
  if (looksLikeMobile(name)) return "username_like_mobile";
  // What is too long is refused for that. Attack: eighty letters and full stops that keep the process busy; guard: usernames.test.ts.
  if (name.length > longestChosen && [...name].length > longestChosen) return null;
  return reserved.has(name) ? "username_reserved" : null;
}

/**
 * The form whose length counts: as stored (one full-width letter may become three, two signs one letter), or as
 * folded where that has no room in its column (attack: an answer 500; guard: usernames.test.ts).
 */
function measured(value: string): string {
  const key = nameKey(value);
  return key.length > nameKeyLimit ? key : normalize(value);
}

/**
 * The user name after the address changed: where the name was the old address, as the accounts have that a first
 * third-party log-in made, it follows. Else the old address would go on logging in, and whoever gets it next could
 * neither sign up with it nor find out why (guard: changed-address.test.ts).
 */
export function usernameAfter(before: { username: string; email: string | null }, email: string): string {
  const wasAddress = before.email !== null && isSameName(before.username, before.email);
  return wasAddress && email.length <= username.longest ? email : before.username;
}

/** Between two user names `days` have to pass, and `now` is in epoch milliseconds. Error: `username_changed_lately`. */
export function refuseTooSoon(
  { username_changed_at: last }: Pick<User, "username_changed_at">,
  days: number,
  now: number,
): void {
  const left = last === null ? 0 : last + days * 86_400_000 - now;
  if (left <= 0) return;
  const retryAfterSeconds = Math.ceil(left / 1000);
  throw new AppError("username_changed_lately", { parameters: { days }, retryAfterSeconds });
}
