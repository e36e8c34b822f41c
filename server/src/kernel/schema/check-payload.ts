import { isOfType, type JsonSchema } from "./json-schema.ts";

/**
 * Whether a job's payload is what its definition declares. Covers the part of JSON Schema that payloads use and
 * refuses a schema that asks for more, so that no rule is silently passed over. Never repeats a value: they are
 * people's addresses.
 */
const keywords = new Set([
  "type",
  "enum",
  "required",
  "properties",
  "additionalProperties",
  "items",
  "description",
]);

/** Every place where `value` doesn't fit, as a JSON pointer and what is expected there; empty where it fits. */
export function misfits(schema: object, value: unknown, path = ""): string[] {
  const unknown = Object.keys(schema).find((keyword) => !keywords.has(keyword));
  if (unknown) throw new Error(`a payload's schema can't use "${unknown}"`);
  const {
    type,
    required = [],
    properties = {},
    items,
    enum: choices,
    additionalProperties,
  }: JsonSchema = schema;
  if (choices && !choices.includes(value)) return [`${path || "/"} must be one of ${choices.join(", ")}`];
  if (type !== undefined && !isOfType[type]?.(value)) return [`${path || "/"} must be ${type}`];
  if (Array.isArray(value) && items) return value.flatMap((item, i) => misfits(items, item, `${path}/${i}`));
  if (type !== "object") return [];
  const fields = value as Record<string, unknown>;
  const missing = required.filter((name) => fields[name] === undefined);
  const foreign = Object.keys(fields).filter((name) => !Object.hasOwn(properties, name));
  return [
    ...missing.map((name) => `${path}/${name} is missing`),
    ...(additionalProperties === false ? foreign.map((name) => `${path}/${name} is not known`) : []),
    ...Object.entries(properties).flatMap(([name, property]) =>
      fields[name] === undefined ? [] : misfits(property, fields[name], `${path}/${name}`),
    ),
  ];
}
