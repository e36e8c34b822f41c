import { checkMobile, mobileLength } from "../kernel/mobile.ts";
import type { AccountField, TextRule } from "./account-field.ts";

const rule = { maxLength: mobileLength, check: checkMobile } as const satisfies TextRule;

/**
 * Whether a code sent to the account's number came back: only then does the number carry one. What was proved is kept as
 * the number itself, so that whoever changes the number, an import or an earlier program too, leaves none that is taken for
 * proved (guard: proved-mobile.test.ts).
 */
export function isMobileProved(account: {
  readonly mobile: string | null;
  readonly proved_mobile?: string | null;
}): boolean {
  return account.mobile !== null && account.mobile === account.proved_mobile;
}

/** The mobile number: one rule for everybody. Imported accounts keep odd ones, which the import reports. */
export const mobile = {
  name: "mobile",
  longest: mobileLength,
  normalize: (given: string) => given,
  person: () => rule,
  operator: rule,
  called: { zh: "手机号", en: "mobile number" },
} as const satisfies AccountField<"mobile">;
