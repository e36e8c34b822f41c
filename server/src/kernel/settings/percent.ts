import { SettingProblem, type SettingProblemCode } from "../../errors/setting-problem.ts";

/** A part of a URL in a setting, without its percent signs. Error: `SettingProblem` with this code where one is no escape. */
export function withoutPercent(part: string, code: SettingProblemCode = "smtpPercent"): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new SettingProblem(code);
  }
}
