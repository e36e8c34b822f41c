import type { SettingProblem } from "./setting-problem.ts";

/** What is wrong with the configuration, and how it is reported: every problem at once, each in both languages. */
export interface ConfigProblem {
  /** A name of the table in env.ts, or one of the OIDC_<NAME>_… family. */
  readonly variable: string;
  /** Follows the variable's name; without a full stop. */
  readonly message: string;
  /** The same in Chinese, a sentence of its own. */
  readonly zh: string;
}

export class ConfigError extends Error {
  readonly problems: readonly ConfigProblem[];
  constructor(problems: readonly ConfigProblem[]) {
    super(problems.map(problemLine).join("\n"));
    this.problems = problems;
  }
}

/** What a reader threw, under the name of what it read. */
export function configProblem(variable: string, { en, zh }: SettingProblem): ConfigProblem {
  return { variable, message: en, zh };
}

/** A problem as one line in both languages, which begins with the variable's name. */
export function problemLine({ variable, message, zh }: ConfigProblem): string {
  return `${variable} ${message}. ${zh}`;
}
