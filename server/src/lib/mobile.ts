import type { FieldCode } from "./error-codes.ts";

/** Mobile numbers of mainland China: 11 digits, 1 then 3-9. */
export function checkMobile(value: string): FieldCode | null {
  return /^1[3-9]\d{9}$/.test(value) ? null : "invalid_mobile";
}
