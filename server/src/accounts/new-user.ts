import { type FieldProblem, invalidFields } from "../errors/errors.ts";
import { checkEmail, emailMaxLength, normalizeEmail } from "../kernel/email-address.ts";
import { checkMobile } from "../kernel/mobile.ts";
import { deceptive } from "../kernel/visible-text.ts";
import type { ReservedUsernames } from "./reserved-usernames.ts";
import type { NewUser } from "./user-store.ts";
import {
  checkAnyUsername,
  checkChosenUsername,
  longestUsername,
  measuredUsername,
  normalizeUsername,
  usernameLength,
} from "./username.ts";

/**
 * The one form and the one rule of a new account's names, for every program that makes one: routes, commands, and
 * whoever embeds this server. Attack: a name that nobody could sign up with, or an address in another writing than its
 * owner's, made by a door of one's own; guard: new-user.test.ts.
 */

/** "person": as somebody chooses it at sign-up; "operator": what administrators may give, an address too. */
export type NameGiver = "person" | "operator";

/** With its names as they are stored: see `normalizeUsername` and `normalizeEmail`. An empty address or number is none. */
export function normalizeNewUser<Given extends NewUser>(user: Given): Given {
  return {
    ...user,
    username: normalizeUsername(user.username.trim()),
    email: user.email === null ? null : normalizeEmail(user.email.trim()) || null,
    ...(user.mobile === undefined || user.mobile === null ? {} : { mobile: user.mobile.trim() || null }),
  };
}

/** Of a normalised one. Error: `invalid_fields` with every problem of its names. */
export function checkNewUser(user: NewUser, giver: NameGiver, reserved: ReservedUsernames): void {
  const problems = [
    usernameProblem(user.username, giver, reserved),
    user.email === null ? null : emailProblem(user.email),
    user.mobile ? problemOf("mobile", checkMobile(user.mobile)) : null,
    personNameProblem("first_name", user.first_name ?? ""),
    personNameProblem("last_name", user.last_name ?? ""),
  ].filter((problem) => problem !== null);
  if (problems.length > 0) throw invalidFields(...problems);
}

function usernameProblem(name: string, giver: NameGiver, reserved: ReservedUsernames): FieldProblem | null {
  const field = "username";
  const isPersons = giver === "person";
  const { min, max } = isPersons ? usernameLength : { min: 1, max: longestUsername };
  const length = [...measuredUsername(name)].length;
  if (length < min) return { field, code: "too_short", parameters: { min } };
  if (length > max) return { field, code: "too_long", parameters: { max } };
  return problemOf(field, isPersons ? checkChosenUsername(name, reserved) : checkAnyUsername(name));
}

/** The column's. */
const longestPersonName = 150;

function personNameProblem(field: string, name: string): FieldProblem | null {
  const isLong = [...name].length > longestPersonName;
  if (isLong) return { field, code: "too_long", parameters: { max: longestPersonName } };
  return problemOf(field, deceptive.test(name) ? "invisible_characters" : null);
}

function emailProblem(email: string): FieldProblem | null {
  const field = "email";
  if (email.length > emailMaxLength) return { field, code: "too_long", parameters: { max: emailMaxLength } };
  return problemOf(field, checkEmail(email));
}

function problemOf(field: string, code: FieldProblem["code"] | null): FieldProblem | null {
  return code === null ? null : { field, code };
}
