import { invalidFields } from "../errors/errors.ts";
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

const number = /(?<!\d)(?:86)?1[3-9]\d{9}(?!\d)|\+[1-9]\d{6,14}(?!\d)/;
const betweenDigits = /(?<=\d)[ .\-()/]+(?=\d)/g;

/** Whether it has an address or a number in it. */
export function namesSomebody(reason: string): boolean {
  const text = reason.normalize("NFKC");
  return maskText(text) !== text || number.test(text.replaceAll(betweenDigits, ""));
}
