import { invalidFields } from "../errors/errors.ts";
import { type NameGiver, problemOf } from "./account-field.ts";
import { email } from "./email.ts";
import { mobile } from "./mobile.ts";
import { nickname } from "./nickname.ts";
import { personName } from "./person-name.ts";
import type { NewUser } from "./record.ts";
import type { ReservedUsernames } from "./reserved-usernames.ts";
import { username } from "./username.ts";

/**
 * The one form and the one rule of a new account's names, for every program that makes one: routes, commands, and
 * whoever embeds this server. Attack: a name that nobody could sign up with, or an address in another writing than its
 * owner's, made by another door; guard: new-user.test.ts.
 */

/** With its names as they are stored. An empty address or number is none. */
export function normalizeNewUser<Given extends NewUser>(user: Given): Given {
  return {
    ...user,
    username: username.normalize(user.username.trim()),
    email: user.email === null ? null : email.normalize(user.email.trim()) || null,
    ...(user.mobile === undefined || user.mobile === null
      ? {}
      : { mobile: mobile.normalize(user.mobile.trim()) || null }),
  };
}

/** Of a normalised one. Error: `invalid_fields` with every problem of its names. */
export function checkNewUser(user: NewUser, giver: NameGiver, reserved: ReservedUsernames): void {
  const problems = [
    ...[username, email, mobile].map((field) => {
      const given = user[field.name];
      const rule = giver === "person" ? field.person(reserved) : field.operator;
      return given == null ? null : problemOf(field, rule, given);
    }),
    user.nickname == null
      ? null
      : problemOf(
          { name: "nickname" },
          giver === "person" ? nickname.person(reserved) : nickname.operator,
          user.nickname,
        ),
    ...(["first_name", "last_name"] as const).map((name) =>
      problemOf({ name }, personName.rule, user[name] ?? ""),
    ),
  ].filter((problem) => problem !== null);
  if (problems.length > 0) throw invalidFields(...problems);
}
