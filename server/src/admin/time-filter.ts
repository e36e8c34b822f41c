import { invalidFields } from "../errors/errors.ts";

/** Epoch milliseconds of the time that a list's filter was given, as ISO 8601. Error: `invalid_fields`. */
export function timeOf(field: string, text: string): number {
  const time = Date.parse(text);
  if (Number.isNaN(time)) throw invalidFields({ field, code: "not_a_time", parameters: { value: text } });
  return time;
}
