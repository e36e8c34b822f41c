import type { FieldCode } from "../errors/error-codes.ts";
import { withAsciiDigits } from "./digits.ts";

/** Mobile numbers of mainland China: 11 digits, 1 then 3-9. */
export const mobileLength = 11;
const mobile = /^1[3-9]\d{9}$/;

export function checkMobile(value: string): FieldCode | null {
  return mobile.test(value) ? null : "invalid_mobile";
}

/** Whether people would take the text for a mobile number: with hyphens, with the country's code, in any digits. */
export function looksLikeMobile(value: string): boolean {
  const digits = withAsciiDigits(value.replace(/[\p{Lm}.+_-]/gu, ""));
  return mobile.test(digits.replace(/^(00)?86(?=1\d{10}$)/, ""));
}
