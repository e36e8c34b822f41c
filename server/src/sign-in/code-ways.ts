import { AppError } from "../errors/errors.ts";

/** By what a code may log in, where CODE_SIGN_IN names it. */
export const codeWays = ["email", "sms"] as const;
export type CodeWay = (typeof codeWays)[number];

/** Error: `code_sign_in_off`. */
export function expectCodeWay(allowed: readonly CodeWay[], way: CodeWay): void {
  if (!allowed.includes(way)) throw new AppError("code_sign_in_off");
}
