import { checkEmail, emailMaxLength } from "../lib/email-address.ts";
import { maxPasswordLength, minPasswordLength } from "../passwords/password-policy.ts";
import { codeLength } from "../verifications/code.ts";
import { checkUsername, normalizeUsername, usernameLength } from "./username.ts";

/** Schema options of the fields that several requests share. */
export const usernameField = {
  minLength: usernameLength.min,
  maxLength: usernameLength.max,
  check: checkUsername,
  // As it is stored: one full-width letter may become three, two signs one letter.
  measured: normalizeUsername,
} as const;
export const emailField = { maxLength: emailMaxLength, check: checkEmail } as const;
export const codeField = { minLength: codeLength, maxLength: codeLength } as const;
export const passwordField = {
  minLength: minPasswordLength,
  maxLength: maxPasswordLength,
  trim: false,
} as const;
