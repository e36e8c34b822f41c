import type { FieldCode } from "../errors/field-codes.ts";
import { withAsciiDigits } from "./digits.ts";

/** Mobile numbers of mainland China: 11 digits, 1 then 3-9. */
export const mobileLength = 11;
const mobile = /^1[3-9]\d{9}$/;

export function checkMobile(value: string): FieldCode | null {
  return mobile.test(value) ? null : "invalid_mobile";
}

/** Whether the number is of a virtual operator: anybody buys them by the hundred. */
export function isVirtualMobile(value: string): boolean {
  return /^1(62|65|67|70|71)/.test(value);
}

/** Whether people would take the text for a mobile number: with hyphens, with the country's code, in any digits. */
export function looksLikeMobile(value: string): boolean {
  const digits = withAsciiDigits(value.replace(/[\p{Lm}.+_-]/gu, ""));
  return mobile.test(digits.replace(/^(00)?86(?=1\d{10}$)/, ""));
}
