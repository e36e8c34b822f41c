import type { Static, TSchema } from "typebox";
import { compileFields } from "../../kernel/schema/read-fields.ts";

/** What a route would read of it, by the route's own schema. Error: `invalid_fields`. */
export function readBody<Schema extends TSchema>(schema: Schema, given: object): Static<Schema> {
  const read = compileFields({ schema })(given);
  if ("error" in read) throw read.error;
  // As the schema says, which it was read by.
  return read.value as Static<Schema>;
}
