import { AppError } from "../errors/errors.ts";
import { SettingProblem } from "../errors/setting-problem.ts";
import { itemsOf } from "../kernel/settings/variable.ts";

/** By what a code may log in, where CODE_SIGN_IN names it. */
const codeWays = ["email"] as const;
export type CodeWay = (typeof codeWays)[number];

/** Error: `code_sign_in_off`. */
export function expectCodeWay(allowed: readonly CodeWay[], way: CodeWay): void {
  if (!allowed.includes(way)) throw new AppError("code_sign_in_off");
}

/** `off`, or a list of ways. Throws a SettingProblem. */
export function readCodeWays(raw: string): readonly CodeWay[] {
  if (raw.trim() === "off") return [];
  const allowed = ["off", ...codeWays].join(", ");
  const items = itemsOf(raw);
  if (items.length === 0) throw new SettingProblem("choice", { allowed, value: raw });
  return items.map((item) => {
    const way = codeWays.find((one) => one === item);
    if (way === undefined) throw new SettingProblem("choice", { allowed, value: item });
    return way;
  });
}
