import { invalidFields } from "../errors/errors.ts";
import { withAsciiDigits } from "../kernel/digits.ts";
import { maskText } from "../kernel/mask.ts";

/**
 * A reason that staff write goes into the audit log and into rows about others, where no erasure finds whom it names: it has no address
 * and no number of anybody. Attack by carelessness: an address that outlives its erased account in the reason of a denial
 * (guard: written-by-staff.test.ts). Notes on an account may have them; those are looked through (rights/forget-written.ts).
 */
export function expectImpersonal(reason: string | null | undefined): void {
  if (reason == null || !namesSomebody(reason)) return;
  throw invalidFields({ field: "reason", code: "reason_names_somebody" });
}

/** As in rights/names-in-text.ts, which finds these in notes. */
const between = String.raw`[\s.()/_·\p{Pd}−]{0,4}`;
const number = new RegExp(
  `(?<!\\d)(?:86${between})?1${between}[3-9](?:${between}\\d){9}(?!\\d)|\\+${between}[1-9](?:${between}\\d){6,14}(?!\\d)`,
  "u",
);

/** Whether it has an address or a number in it, in whichever writing and groups. */
export function namesSomebody(reason: string): boolean {
  const text = withAsciiDigits(reason.replaceAll(/\p{Cf}+/gu, "").normalize("NFKC"));
  return maskText(text) !== text || number.test(text);
}
