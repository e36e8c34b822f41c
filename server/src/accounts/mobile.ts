import { checkMobile, mobileLength } from "../kernel/mobile.ts";
import type { AccountField, TextRule } from "./account-field.ts";

const rule = { maxLength: mobileLength, check: checkMobile } as const satisfies TextRule;

/** The mobile number: one rule for everybody. Imported accounts keep odd ones, which the import reports. */
export const mobile = {
  name: "mobile",
  longest: mobileLength,
  normalize: (given: string) => given,
  person: () => rule,
  operator: rule,
  called: { zh: "手机号", en: "mobile number" },
} as const satisfies AccountField<"mobile">;
