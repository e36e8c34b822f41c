import { type ConfigProblem, configProblem } from "../../errors/config-problem.ts";
import { SettingProblem } from "../../errors/setting-problem.ts";
import type { Variable } from "./variable.ts";

/** Variables by name, as the environment has them. */
export type Source = Readonly<Record<string, string | undefined>>;

/**
 * The values of a table's variables: as the parser read them, the fallback where one is not set or wrong. What is wrong
 * is added to `problems`, where no secret is quoted.
 */
export function readVariables(
  table: Readonly<Record<string, Variable<unknown>>>,
  source: Source,
  problems: ConfigProblem[],
): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  for (const [name, variable] of Object.entries(table)) {
    values[name] =
      readOne(nameInUse(name, variable, source), variable, source, problems) ?? variable.fallback;
  }
  return values;
}

/** The name under which the environment has it. */
export function nameInUse(
  name: string,
  { inLowerCase }: Pick<Variable<unknown>, "inLowerCase">,
  source: Source,
) {
  const isUnset = (source[name]?.trim() ?? "") === "";
  return inLowerCase && isUnset ? name.toLowerCase() : name;
}

/** One variable: undefined where it is not set, null where `parse` refused it, which is added to `problems`. */
export function readOne<Value>(
  name: string,
  { parse, secret }: { readonly parse: (raw: string) => Value; readonly secret: boolean },
  source: Source,
  problems: ConfigProblem[],
): Value | null | undefined {
  const raw = source[name]?.trim() ?? "";
  if (raw === "") return undefined;
  try {
    return parse(raw);
  } catch (error) {
    if (!(error instanceof SettingProblem)) throw error;
    const { message, zh } = configProblem(name, error);
    const hide = (text: string) => (secret ? text.replaceAll(raw, "…") : text);
    problems.push({ variable: name, message: hide(message), zh: hide(zh) });
    return null;
  }
}
