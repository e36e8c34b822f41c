/** Which of the two a form is about, and what is sent of it. */
import { type Ref, ref } from "vue";
import type { ContactKind } from "../site-config.ts";
import { checkCode, checkEmail, checkMobile, checkSmsCode } from "./form-checks.ts";

interface ContactValues {
  readonly email: string;
  readonly email_code: string;
  readonly mobile: string;
  readonly sms_code: string;
}

export const contactValues: ContactValues = { email: "", email_code: "", mobile: "", sms_code: "" };

export function useContact(kinds: readonly ContactKind[]) {
  const kind: Ref<ContactKind> = ref(kinds[0] ?? "email");
  const of =
    (wanted: ContactKind, check: (values: ContactValues) => string | null) => (values: ContactValues) =>
      kind.value === wanted ? check(values) : null;
  return {
    kind,
    /** Of the pair that counts alone. */
    checks: {
      email: of("email", ({ email }) => checkEmail(email)),
      email_code: of("email", (values) => checkCode(values.email_code)),
      mobile: of("mobile", ({ mobile }) => checkMobile(mobile.trim())),
      sms_code: of("mobile", (values) => checkSmsCode(values.sms_code)),
    },
    sent: (values: ContactValues) =>
      kind.value === "email"
        ? { email: values.email.trim(), email_code: values.email_code }
        : { mobile: values.mobile.trim(), sms_code: values.sms_code },
  };
}
