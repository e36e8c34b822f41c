import { checkEmail, emailMaxLength, normalizeEmail } from "../kernel/email-address.ts";
import type { AccountField, TextRule } from "./account-field.ts";

const rule = {
  maxLength: emailMaxLength,
  check: checkEmail,
  lengthFirst: true,
  notText: "invalid_email",
} as const satisfies TextRule;

/** The e-mail address: one rule for everybody. Imported accounts keep odd ones, which the import reports. */
export const email = {
  name: "email",
  longest: emailMaxLength,
  normalize: normalizeEmail,
  person: () => rule,
  operator: rule,
  called: { zh: "邮箱", en: "address" },
} as const satisfies AccountField<"email">;
