import type { FieldCode } from "../errors/field-codes.ts";
import { withAsciiDigits } from "./digits.ts";

/** Of mainland China: 11 digits, 1 then 3-9, as everybody writes them there. */
const mobile = /^1[3-9]\d{9}$/;
/** Of any other country: E.164, with its plus sign. One of mainland China has one form, which is the other. */
const foreign = /^\+(?!86)[1-9]\d{6,14}$/;
/** Of the longest of both. */
export const mobileLength = 16;

/** The form alone; which countries a site takes is its own setting (codes/sms-countries.ts). */
export function checkMobile(value: string): FieldCode | null {
  return mobile.test(value) || isForeignMobile(value) ? null : "invalid_mobile";
}

/** Whether the number is one of another country than mainland China, in the form it is kept in. */
export const isForeignMobile = (value: string): boolean => foreign.test(value);

/** E.164, as everybody outside of mainland China writes a number. */
export const internationalMobile = (value: string): string =>
  isForeignMobile(value) ? value : `+86${value}`;

/** Whether the number is of a virtual operator: anybody buys them by the hundred. */
export function isVirtualMobile(value: string): boolean {
  return /^1(62|65|67|70|71)/.test(value);
}

/** Whether people would take the text for a mobile number: with hyphens, with the country's code, in any digits. */
export function looksLikeMobile(value: string): boolean {
  // Of a letter nothing below makes a digit; most names have one.
  if (/[a-z]/i.test(value)) return false;
  if (isForeignMobile(withAsciiDigits(value))) return true;
  const digits = withAsciiDigits(value.replace(/[\p{Lm}.+_-]/gu, ""));
  return mobile.test(digits.replace(/^(00)?86(?=1\d{10}$)/, ""));
}

/**
 * The number in the form that it is kept in, of one that was pasted: with the country's code, in groups, in any digits. Null where
 * it is none.
 */
export function pastedMobile(value: string): string | null {
  const bare = withAsciiDigits(value.normalize("NFKC").trim()).replace(/(?<=[\d+()])[\s.()-]+|^\(/gu, "");
  const plain = bare.replace(/^(?:\+|00)?86(?=1\d{10}$)/, "");
  return checkMobile(plain) === null ? plain : null;
}
