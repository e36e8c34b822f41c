/**
 * Whether a job's payload is what its definition declares. Covers the part of JSON Schema that payloads use and
 * refuses a schema that asks for more, so that no rule is silently passed over. Never repeats a value: they are
 * people's addresses.
 */
type Schema = Readonly<Record<string, unknown>>;

const keywords = new Set([
  "type",
  "enum",
  "required",
  "properties",
  "additionalProperties",
  "items",
  "description",
]);

const isOfType: Readonly<Record<string, (value: unknown) => boolean>> = {
  string: (value) => typeof value === "string",
  integer: Number.isSafeInteger,
  boolean: (value) => typeof value === "boolean",
  null: (value) => value === null,
  array: Array.isArray,
  object: (value) => typeof value === "object" && value !== null && !Array.isArray(value),
};

/** Every place where `value` doesn't fit, as a JSON pointer and what is expected there; empty where it fits. */
export function misfits(schema: Schema, value: unknown, path = ""): string[] {
  const unknown = Object.keys(schema).find((keyword) => !keywords.has(keyword));
  if (unknown) throw new Error(`a payload's schema can't use "${unknown}"`);
  const { type, required = [], properties = {}, items } = schema;
  const choices = schema.enum as readonly unknown[] | undefined;
  if (choices && !choices.includes(value)) return [`${path || "/"} must be one of ${choices.join(", ")}`];
  if (typeof type === "string" && !isOfType[type]?.(value)) return [`${path || "/"} must be ${type}`];
  if (Array.isArray(value) && items) {
    return value.flatMap((item, i) => misfits(items as Schema, item, `${path}/${i}`));
  }
  if (type !== "object") return [];
  const fields = value as Record<string, unknown>;
  const missing = (required as string[]).filter((name) => fields[name] === undefined);
  const foreign = Object.keys(fields).filter((name) => !Object.hasOwn(properties as object, name));
  return [
    ...missing.map((name) => `${path}/${name} is missing`),
    ...(schema.additionalProperties === false ? foreign.map((name) => `${path}/${name} is not known`) : []),
    ...Object.entries(properties as Record<string, Schema>).flatMap(([name, property]) =>
      fields[name] === undefined ? [] : misfits(property, fields[name], `${path}/${name}`),
    ),
  ];
}
