import { isObject, type JsonSchema } from "./json-schema.ts";

/**
 * Writes answers as JSON by the schema of their route. Promise: a field the schema does not name never leaves the
 * server, whatever object a handler returns (attack: a row with its password hash sent by mistake; guard:
 * write-answer.test.ts), and one it requires is never missing.
 *
 * Fastify's own serializer does the same by generated code, and for that loads a JSON Schema validator
 * (measured: 90 modules, 12 MB, an eighth of a start); on answers as small as these it is not faster.
 */
type Pick = (value: unknown, path: string) => unknown;

/** A function from the answer to its JSON text. Throws for an answer that lacks what the schema requires. */
export function compileAnswer(schema: object): (answer: unknown) => string {
  const pick = compile(schema as JsonSchema);
  return pick === asItIs ? JSON.stringify : (answer) => JSON.stringify(pick(answer, ""));
}

const asItIs: Pick = (value) => value;

/** Of text, numbers and the like; an object in their place would carry its fields along unseen. */
const scalar: Pick = (value, path) => {
  if (typeof value === "object" && value !== null) throw new TypeError(`an answer has an object at ${path}`);
  return value;
};

function compile(schema: JsonSchema): Pick {
  if (schema.anyOf) return compileChoice(schema.anyOf);
  if (schema.patternProperties) return compileMap(Object.values(schema.patternProperties)[0] ?? {});
  if (schema.properties) return compileObject(schema.properties, new Set(schema.required));
  if (schema.items) return compileList(schema.items);
  return schema.type === undefined && schema.enum === undefined ? asItIs : scalar;
}

function compileObject(
  properties: Readonly<Record<string, JsonSchema>>,
  required: ReadonlySet<string>,
): Pick {
  const fields = Object.entries(properties).map(([name, schema]) => {
    return { name, pick: compile(schema), needed: required.has(name) };
  });
  return (value, path) => {
    const from = objectAt(value, path);
    const picked: Record<string, unknown> = {};
    for (const { name, pick, needed } of fields) {
      const field = from[name];
      if (field !== undefined) picked[name] = pick === asItIs ? field : pick(field, `${path}/${name}`);
      else if (needed) throw new TypeError(`an answer lacks ${path}/${name}`);
    }
    return picked;
  };
}

function compileMap(schema: JsonSchema): Pick {
  const pick = compile(schema);
  return (value, path) =>
    Object.fromEntries(
      Object.entries(objectAt(value, path)).map(([name, field]) => [name, pick(field, `${path}/${name}`)]),
    );
}

function compileList(schema: JsonSchema): Pick {
  const pick = compile(schema);
  return (value, path) => {
    if (!Array.isArray(value)) throw new TypeError(`an answer has no list at ${path || "/"}`);
    return pick === asItIs ? value : value.map((item, i) => pick(item, `${path}/${i}`));
  };
}

/** Of what may be null; a choice between two objects would need to be told apart, which no answer here is. */
function compileChoice(choices: readonly JsonSchema[]): Pick {
  const others = choices.filter(({ type }) => type !== "null");
  if (others.length !== 1) throw new Error("an answer's field may be one thing or null, not one of several");
  const pick = compile(others[0]!);
  return pick === asItIs ? asItIs : (value, path) => (value === null ? null : pick(value, path));
}

function objectAt(value: unknown, path: string): Record<string, unknown> {
  if (isObject(value)) return value;
  throw new TypeError(`an answer has no object at ${path || "/"}`);
}
