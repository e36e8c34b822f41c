import { randomBelow } from "../kernel/ids.ts";
import { problemOf } from "./account-field.ts";
import type { ReservedUsernames } from "./reserved-usernames.ts";
import { username } from "./username.ts";

/**
 * A user name for somebody who chose none: what stands before the @ of their address, where that could be chosen, else,
 * and for who has none, `user` and digits; never their number. Promise: it keeps every rule of a chosen one (attack: the owner of `admin@…` who becomes `admin`;
 * guard: made-username.test.ts). Whether it is free is for whoever claims it: `attempt` counts from 0, and each gives another.
 */
export function madeUsername(email: string | null, reserved: ReservedUsernames, attempt: number): string {
  const rule = username.person(reserved);
  const local = (email ?? "user@").replace(/@[^@]*$/, "").replace(/\+.*$/s, "");
  const kept = [...username.normalize(local)].filter((sign) => /[\p{L}\p{M}\p{N}.+_-]/u.test(sign));
  const base = kept.join("").replace(/^[.+_-]+|[.+_-]+$/gu, "");
  const digits = attempt === 0 ? "" : randomDigits(attempt < 3 ? 3 : 6);
  const name = [...base].slice(0, rule.maxLength - digits.length).join("") + digits;
  return problemOf(username, rule, name) === null ? name : `user${randomDigits(8)}`;
}

/** For an account whose user name was a number that it gives up. */
export const numberlessName = (): string => `user${randomDigits(8)}`;

/** The first is none of 0, so that no digit is lost wherever a name is read as a number. */
function randomDigits(count: number): string {
  return String(10 ** (count - 1) + randomBelow(9 * 10 ** (count - 1)));
}
