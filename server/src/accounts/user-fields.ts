import { codeLength } from "../codes/code.ts";
import { checkEmail, emailMaxLength } from "../kernel/email-address.ts";
import { maxPasswordLength, minPasswordLength } from "../passwords/password-policy.ts";
import type { ReservedUsernames } from "./reserved-usernames.ts";
import { checkChosenUsername, longestUsername, measuredUsername, usernameLength } from "./username.ts";

/** Schema options of the fields that several requests share. */
export function chosenUsernameField(reserved: ReservedUsernames) {
  return {
    minLength: usernameLength.min,
    maxLength: usernameLength.max,
    check: (value: string) => checkChosenUsername(value, reserved),
    measured: measuredUsername,
  } as const;
}
/** For operators; `changeUser` checks the rest where the name is another than before: forms send back what they showed. */
export const anyUsernameField = { maxLength: longestUsername, measured: measuredUsername } as const;
/** First and last names. */
export const personNameField = { maxLength: 150, allowBlank: true } as const;
export const emailField = {
  maxLength: emailMaxLength,
  check: checkEmail,
  lengthFirst: true,
  notText: "invalid_email",
} as const;
export const codeField = { minLength: codeLength, maxLength: codeLength } as const;
export const passwordField = {
  minLength: minPasswordLength,
  maxLength: maxPasswordLength,
  trim: false,
} as const;
