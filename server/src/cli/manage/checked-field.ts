import { type AccountField, problemOf } from "../../accounts/account-field.ts";
import { textsOf } from "../../errors/errors.ts";
import { CommandFailure } from "../terminal/terminal.ts";

/** A field as an account has it. Throws a CommandFailure that says why it can't have it. */
export function checkedField(field: AccountField, given: string): string {
  const problem = problemOf(field, field.operator, given);
  if (problem === null) return field.normalize(given);
  const { zh, en } = textsOf(problem);
  throw new CommandFailure(zh, en);
}
