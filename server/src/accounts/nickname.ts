import type { FieldCode } from "../errors/field-codes.ts";
import { deceptive } from "../kernel/visible-text.ts";
import type { TextRule } from "./account-field.ts";
import type { User } from "./record.ts";
import type { ReservedUsernames } from "./reserved-usernames.ts";

/**
 * What an account is called where people meet: its owner's choice, else what the third party that it was bound to first
 * calls them. Nobody logs in by it, so two people may have the same.
 *
 * Attacks, and the guard (nickname.test.ts): a nickname that speaks for the site, whatever stands between its letters; one that
 * shows nothing, or turns the text beside it.
 */
const longest = 50;

/** Marks, joiners and the empty braille pattern alone show nothing. */
const visible = /[^\s\p{M}\p{Default_Ignorable_Code_Point}\u2800]/u;

function check(value: string): FieldCode | null {
  if (deceptive.test(value)) return "invisible_characters";
  return visible.test(value) ? null : "blank";
}

export const nickname = {
  longest,
  normalize: (given: string): string => given.normalize("NFC"),
  person: (reserved: ReservedUsernames): TextRule => ({
    maxLength: longest,
    check: (value) => check(value) ?? (speaksForSite(value, reserved) ? "nickname_reserved" : null),
    lengthFirst: true,
  }),
  operator: { maxLength: longest, check, lengthFirst: true } satisfies TextRule as TextRule,
} as const;

/** Whether a text says that it is the site. Costs the more the longer the text is: ask it where a name is given, not where it is shown. */
export function speaksForSite(text: string, reserved: ReservedUsernames): boolean {
  // What is too long is refused for that, or cut: no work on it.
  const name = [...text].slice(0, 4 * longest).join("");
  return reserved.has(name.replace(/[^\p{L}\p{M}\p{N}]+/gu, "_"));
}

/** What others see; null for an account that nobody named. */
export function shownNickname(user: Partial<Pick<User, "nickname" | "provider_nickname">>): string | null {
  return user.nickname ?? user.provider_nickname ?? null;
}

/**
 * What to store of a form's nickname: undefined for no change, null for none of one's own. Forms send back what they
 * showed: that is no choice.
 */
export function nicknameChange(
  user: Pick<User, "nickname" | "provider_nickname">,
  given: string | null | undefined,
): string | null | undefined {
  if (given === undefined) return undefined;
  const wanted = given === null ? "" : nickname.normalize(given);
  if (wanted === "") return null;
  return wanted === shownNickname(user) ? undefined : wanted;
}
