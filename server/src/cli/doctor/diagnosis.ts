import type { Config } from "../../config/config.ts";
import type { ConfigProblem } from "../../errors/config-problem.ts";
import type { AllowanceName } from "../../installation/settings.ts";

/** One line of the doctor's: what was looked at, how it is, and what to do, in both languages. */
export interface Diagnosis {
  /** Stable, for scripts. */
  readonly check: string;
  /** `fail`: something people do will not work. `warn`: it works, but not safely or not for long. */
  readonly level: "ok" | "warn" | "fail";
  readonly zh: string;
  readonly en: string;
  /** How a production start refuses it; missing where it doesn't. */
  readonly refusal?: ConfigProblem;
}

type Level = Diagnosis["level"];

const at =
  (level: Level) =>
  (check: string, zh: string, en: string): Diagnosis => ({ check, level, zh, en });

export const ok = at("ok");
export const warn = at("warn");
export const fail = at("fail");

/** What a setting does that production must not start with, unless the operator allows it by name. */
export interface UnsafeSetting {
  readonly check: string;
  /** As in ConfigProblem: the setting, what follows its name without a full stop, and the Chinese sentence. */
  readonly variable: string;
  readonly message: string;
  readonly zh: string;
  readonly allowance: AllowanceName;
  /** In development, where nothing is refused. */
  readonly inDevelopment?: "warn" | "fail";
}

export function unsafe(
  { environment, allowances }: Pick<Config, "environment" | "allowances">,
  { check, variable, message, zh, allowance, inDevelopment = "fail" }: UnsafeSetting,
): Diagnosis {
  const isAllowed = allowances.has(allowance);
  if (environment === "development" || isAllowed) {
    const level = isAllowed ? "warn" : inDevelopment;
    return { check, level, zh, en: `${variable} ${message}.` };
  }
  const refusal = {
    variable,
    message: `${message}, or set ${allowance}=true`,
    zh: `${zh}确实需要时可设 ${allowance}=true。`,
  };
  return { check, level: "fail", zh: refusal.zh, en: `${variable} ${refusal.message}.`, refusal };
}
