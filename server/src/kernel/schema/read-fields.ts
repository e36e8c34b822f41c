import { AppError, type FieldProblem } from "../../errors/errors.ts";
import type { FieldCode } from "../../errors/field-codes.ts";
import { deceptive } from "../visible-text.ts";
import type { JsonSchema } from "./json-schema.ts";
import Type from "./schema.ts";

/**
 * Checks a request against its TypeBox schema the way the original's serializers did, because clients in
 * the wild depend on it: every problem of every field at once, in declared order; numbers accepted where
 * text is expected; text trimmed (`trim: false` keeps passwords as they are); blank, null and missing told
 * apart; lengths counted in characters, not UTF-16 units.
 *
 * Schema options of ours: `trim`, `allowBlank`, `acceptBoolean`, `nullable`, `check` (a syntax check that
 * returns a field code or null), `measured` (the form whose length counts), `lengthFirst`, `notText`.
 */
export interface FieldOptions {
  readonly trim?: boolean;
  readonly allowBlank?: boolean;
  readonly acceptBoolean?: boolean;
  readonly nullable?: boolean;
  readonly check?: (value: string) => FieldCode | null;
  /** The form in which the text's length counts, where that isn't as it was sent. */
  readonly measured?: (value: string) => string;
  /** Whether the length is named before what the syntax check found, as the original did for addresses. */
  readonly lengthFirst?: boolean;
  /** What is reported of a list, an object or a boolean; `not_a_string` by default. */
  readonly notText?: FieldCode;
}

interface FieldSchema extends FieldOptions, Pick<JsonSchema, "type"> {
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly maxItems?: number;
  readonly enum?: readonly string[];
  readonly items?: FieldSchema;
}

/** Carries what was wrong, and what was right, to handlers that add problems of their own. */
class InvalidFields extends AppError {
  readonly valid: Readonly<Record<string, unknown>>;
  constructor(fields: readonly FieldProblem[], valid: Record<string, unknown>) {
    super("invalid_fields", { fields });
    this.valid = valid;
  }
}

type Result = { value: unknown } | { error: Error };

/** What Fastify says of a schema beside it. */
interface Place {
  readonly schema: unknown;
  readonly url?: string;
  readonly httpPart?: string;
}

/** A staff member's misspelt filter would show everybody, a misspelt field would change nothing, and both say OK. */
function refusesUnknown({ url, httpPart }: Place): boolean {
  return url?.startsWith("/admin/") === true && (httpPart === "querystring" || httpPart === "body");
}

/** For an `onRoute` hook: an administration route that takes no parameters refuses all of them. */
export function refuseUnknownParameters(route: { url: string; schema?: { querystring?: unknown } }): void {
  if (route.url.startsWith("/admin/") && route.schema) route.schema.querystring ??= Type.Object({});
}

/** A Fastify validator compiler. Under /admin/ a name that the schema lacks is a problem of its own. */
export function compileFields(place: Place): (data: unknown) => Result {
  const { schema } = place;
  const strict = refusesUnknown(place);
  const { properties = {}, required = [] } = schema as {
    properties?: Record<string, FieldSchema>;
    required?: string[];
  };
  const names = Object.keys(properties);
  const needed = new Set(required);
  return (data) => {
    // The framework says null for a request without a body; a JSON `null` never comes this far.
    const input = data ?? {};
    if (typeof input !== "object" || Array.isArray(input)) return { error: notAnObject(input) };
    const value: Record<string, unknown> = {};
    const problems: FieldProblem[] = [];
    for (const name of names) {
      // Own properties only: a field called "constructor" must not find Object's.
      const raw = Object.hasOwn(input, name) ? (input as Record<string, unknown>)[name] : undefined;
      if (raw === undefined) {
        if (needed.has(name)) problems.push({ field: name, code: "required" });
        continue;
      }
      const before = problems.length;
      const read = readField(name, properties[name]!, raw, problems);
      if (problems.length === before) value[name] = read;
    }
    if (strict) {
      for (const name of Object.keys(input)) {
        if (!Object.hasOwn(properties, name))
          problems.push({ field: name.slice(0, 50), code: "unknown_name" });
      }
    }
    return problems.length > 0 ? { error: new InvalidFields(problems, value) } : { value };
  };
}

function readField(field: string, schema: FieldSchema, raw: unknown, problems: FieldProblem[]): unknown {
  if (raw === null) {
    if (!schema.nullable) problems.push({ field, code: "null" });
    return null;
  }
  switch (schema.type) {
    case "boolean":
      return readBoolean(field, raw, problems);
    case "integer":
      return readInteger(field, schema, raw, problems);
    case "array":
      return readArray(field, schema, raw, problems);
    case "object":
      return readRecord(field, raw, problems);
    default:
      return readText(field, schema, raw, problems);
  }
}

function readText(field: string, schema: FieldSchema, raw: unknown, problems: FieldProblem[]): string {
  let text: string;
  if (typeof raw === "string") text = raw;
  else if (typeof raw === "number") text = String(raw);
  else if (typeof raw === "boolean" && schema.acceptBoolean) text = String(raw);
  else {
    problems.push({ field, code: schema.notText ?? "not_a_string" });
    return "";
  }
  if (schema.trim !== false) text = text.trim();
  if (text === "") {
    if (!schema.allowBlank) problems.push({ field, code: "blank" });
    return text;
  }
  // Control characters in names and addresses only serve to deceive readers of lists and logs.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  if (schema.trim !== false && /[\u0000-\u001f\u007f]/.test(text)) {
    problems.push({ field, code: "control_characters" });
    return text;
  }
  // A field with a check of its own has a narrower rule.
  if (schema.trim !== false && schema.check === undefined && deceptive.test(text)) {
    problems.push({ field, code: "invisible_characters" });
    return text;
  }
  if (schema.enum && !schema.enum.includes(text)) {
    problems.push({ field, code: "not_a_choice", parameters: { value: text.slice(0, 50) } });
    return text;
  }
  const { maxLength = Number.POSITIVE_INFINITY } = schema;
  // No syntax check and no other form of a text far beyond its limit.
  const isChecked = text.length <= 4 * Math.min(maxLength, 1000);
  const code = isChecked ? schema.check?.(text) : null;
  const syntax = code ? [{ field, code }] : [];
  const length = lengthProblems(field, schema, (isChecked && schema.measured?.(text)) || text);
  problems.push(...(schema.lengthFirst ? [...length, ...syntax] : [...syntax, ...length]));
  return text;
}

/** What is wrong with a text's length, counted in characters: nothing or one problem. */
export function lengthProblems(
  field: string,
  schema: { readonly minLength?: number; readonly maxLength?: number },
  counted: string,
): FieldProblem[] {
  const { minLength = 0, maxLength = Number.POSITIVE_INFINITY } = schema;
  // UTF-16 length bounds the character count from both sides, so the exact count is rarely needed.
  const isShort =
    counted.length < minLength ||
    (minLength > 0 && counted.length < 2 * minLength && characters(counted, maxLength) < minLength);
  if (isShort) return [{ field, code: "too_short", parameters: { min: minLength } }];
  if (counted.length > maxLength && characters(counted, maxLength) > maxLength)
    return [{ field, code: "too_long", parameters: { max: maxLength } }];
  return [];
}

/** Characters (code points), counted no further than it takes to see that `limit` is passed. */
function characters(text: string, limit: number): number {
  let count = 0;
  for (const _ of text) {
    count++;
    if (count > limit) break;
  }
  return count;
}

function readBoolean(field: string, raw: unknown, problems: FieldProblem[]): boolean {
  if (raw === true || raw === "true" || raw === "1" || raw === 1) return true;
  if (raw === false || raw === "false" || raw === "0" || raw === 0) return false;
  problems.push({ field, code: "not_a_boolean" });
  return false;
}

function readInteger(field: string, schema: FieldSchema, raw: unknown, problems: FieldProblem[]): number {
  const value = typeof raw === "string" && /^-?\d{1,15}$/.test(raw.trim()) ? Number(raw) : raw;
  const { minimum = Number.MIN_SAFE_INTEGER, maximum = Number.MAX_SAFE_INTEGER } = schema;
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < minimum || value > maximum) {
    problems.push({ field, code: "not_an_integer" });
    return 0;
  }
  return value;
}

function readArray(field: string, schema: FieldSchema, raw: unknown, problems: FieldProblem[]): unknown[] {
  const { items = {}, maxItems = 1000 } = schema;
  if (!Array.isArray(raw) || raw.length > maxItems) {
    problems.push({ field, code: "not_a_list" });
    return [];
  }
  return raw.map((item) => readField(field, items, item, problems));
}

/** Fields that only the handler knows: it reads each. */
function readRecord(field: string, raw: unknown, problems: FieldProblem[]): Record<string, unknown> {
  if (typeof raw === "object" && raw !== null && !Array.isArray(raw)) return { ...raw };
  problems.push({ field, code: "not_a_record" });
  return {};
}

export function notAnObject(value: unknown): AppError {
  if (value === null) return new AppError("no_data");
  return new AppError("not_an_object", { parameters: { type: pythonType(value) } });
}

/** The original named Python's types in its message. */
function pythonType(value: unknown): string {
  if (Array.isArray(value)) return "list";
  if (typeof value === "string") return "str";
  if (typeof value === "boolean") return "bool";
  return Number.isInteger(value) ? "int" : "float";
}

/** For handlers of routes with `attachValidation`: the problems found, and the fields that had none. */
export function readAttached(request: {
  body: unknown;
  validationError?: Error & { validation?: unknown };
}): {
  problems: readonly FieldProblem[];
  valid: Readonly<Record<string, unknown>>;
} {
  const error: unknown = request.validationError;
  if (error === undefined) return { problems: [], valid: request.body as Record<string, unknown> };
  if (error instanceof InvalidFields) return { problems: error.fields, valid: error.valid };
  throw error;
}
