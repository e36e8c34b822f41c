import type { FieldProblem } from "../errors/errors.ts";
import type { FieldCode } from "../errors/field-codes.ts";
import type { Texts } from "../errors/texts.ts";
import { nameKey } from "../kernel/name-key.ts";
import { type FieldOptions, lengthProblems } from "../kernel/schema/read-fields.ts";
import type { ReservedUsernames } from "./reserved-usernames.ts";

/** "person": as somebody chooses it at sign-up; "operator": what administrators may give. */
export type NameGiver = "person" | "operator";

/** Options of a request's schema, and with them the whole rule: see `FieldOptions` in kernel/schema/read-fields.ts. */
export type TextRule = Pick<FieldOptions, "measured" | "lengthFirst" | "notText"> & {
  readonly minLength?: number;
  /** In characters. */
  readonly maxLength: number;
  readonly check: (value: string) => FieldCode | null;
};

/**
 * What people log in by, as one object a field: username.ts, email.ts, mobile.ts. Routes, commands, administration,
 * import and embedding programs ask it, so that no door has a rule of its own (guard: tidy.test.ts).
 */
export interface AccountField<Name extends LogInName = LogInName> {
  readonly name: Name;
  /** What its column has room for, in characters. */
  readonly longest: number;
  /** The form in which it is stored. */
  normalize(given: string): string;
  /** What a person may choose. */
  person(reserved: ReservedUsernames): TextRule;
  /** What an operator may give. */
  readonly operator: TextRule;
  /** How a message calls it. */
  readonly called: Texts;
}

/** What people log in by. */
export type LogInName = "username" | "email" | "mobile";

/** The first thing wrong with what was given, or null. An empty text is too short where the rule has a least length. */
export function problemOf(
  { name }: { readonly name: string },
  rule: TextRule,
  given: string,
): FieldProblem | null {
  const [length = null] = lengthProblems(name, rule, rule.measured?.(given) ?? given);
  if (length !== null && (rule.lengthFirst || length.code === "too_short")) return length;
  const code = rule.check(given);
  return code === null ? length : { field: name, code };
}

/** Whether two writings are one name to log in by. */
export function isSameName(one: string, other: string): boolean {
  return one === other || nameKey(one) === nameKey(other);
}
