import { ConfigError, problemLine } from "../errors/config-problem.ts";
import { AppError, textsOf } from "../errors/errors.ts";
import { fillText } from "../errors/fill-text.ts";
import { ToldError } from "../errors/told-error.ts";
import { explainStartFailure } from "../process/start-failure.ts";

type Language = "zh" | "en";

/** What a person can put right, in their language; null for anything else. */
export function toldText(failure: unknown, language: Language): string | null {
  // A refusal that requests get as 503 has its sentence beneath.
  const cause = failure instanceof Error ? failure.cause : null;
  const error = cause instanceof ToldError ? cause : failure;
  if (error instanceof ToldError) return error[language];
  if (error instanceof AppError && error.code !== "unavailable") return textOf(error, language);
  return null;
}

/** The same of every failure: also of settings, and of what nobody foresaw, which is shown whole. */
export function failureText(failure: unknown, language: Language): string {
  if (failure instanceof ConfigError) {
    const lines = failure.problems.map((problem) => `  ${problemLine(problem)}`);
    return `The configuration has problems (配置有误):\n${lines.join("\n")}`;
  }
  return toldText(failure, language) ?? explainStartFailure(failure);
}

function textOf(error: AppError, language: Language): string {
  if (error.fields.length === 0) return fillText(error.definition[language], error.parameters);
  return error.fields.map((problem) => `${problem.field}: ${textsOf(problem)[language]}`).join("\n");
}
