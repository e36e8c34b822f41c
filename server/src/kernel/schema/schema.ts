import type TypeBox from "typebox";

/**
 * Builders of JSON Schema (draft 2020-12), with TypeBox's types and without its code: TypeBox is 680 modules
 * that every start would load for eleven functions (measured: 170 ms and 15 MB; docs/adr/0009). Promise: what
 * they return is what TypeBox returns, apart from its hidden marks; guard: schema.test.ts compares the two.
 */
type Builders = Pick<
  typeof TypeBox,
  | "Any"
  | "Array"
  | "Boolean"
  | "Enum"
  | "Integer"
  | "Null"
  | "Object"
  | "Optional"
  | "Record"
  | "String"
  | "Union"
>;

type Schema = Record<string, unknown>;

/** The schemas that `Optional` made: they are not required of the object they belong to. */
const optional = new WeakSet<Schema>();

const builders = {
  Any: (options?: Schema) => ({ ...options }),
  Array: (items: Schema, options?: Schema) => ({ type: "array", items, ...options }),
  Boolean: (options?: Schema) => ({ type: "boolean", ...options }),
  Enum: (values: readonly string[], options?: Schema) => ({ enum: [...values], ...options }),
  Integer: (options?: Schema) => ({ type: "integer", ...options }),
  Null: (options?: Schema) => ({ type: "null", ...options }),
  Object(properties: Record<string, Schema>, options?: Schema) {
    const required = Object.keys(properties).filter((name) => !optional.has(properties[name]!));
    return { type: "object", ...(required.length > 0 ? { required } : {}), properties, ...options };
  },
  Optional(schema: Schema) {
    const copy = { ...schema };
    optional.add(copy);
    return copy;
  },
  /** Of any text to `value`; the key's schema only serves the types. */
  Record: (_key: Schema, value: Schema, options?: Schema) => ({
    type: "object",
    patternProperties: { "^.*$": value },
    ...options,
  }),
  String: (options?: Schema) => ({ type: "string", ...options }),
  Union: (anyOf: readonly Schema[], options?: Schema) => ({ anyOf: [...anyOf], ...options }),
};

const Type = builders as unknown as Builders;
export default Type;
