/**
 * What an account's owner is asked to prove themselves for again: names on the wire, in mails and in keys of the store. What
 * each is: http/step-up.ts.
 */
export const stepUpActions = [
  "password",
  "email",
  "mobile",
  "mobile_leave",
  "username",
  "second_factor",
  "passkeys",
  "bindings",
  "sessions",
  "export",
  "deletion",
  "joining",
  "administration",
] as const;
export type StepUpAction = (typeof stepUpActions)[number];
