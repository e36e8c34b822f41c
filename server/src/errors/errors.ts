import { type ErrorCode, type ErrorDefinition, errorCodes, errorShapes } from "./error-codes.ts";
import { type FieldCode, fieldCodes } from "./field-codes.ts";
import { fillText, type TextValues } from "./fill-text.ts";
import type { Texts } from "./texts.ts";

/** One thing wrong with one field. */
export interface FieldProblem {
  readonly field: string;
  readonly code: FieldCode;
  readonly parameters?: TextValues;
  /** Of a code that an embedding program declares; see `declareErrors`. */
  readonly texts?: Texts;
}

/** What people read of it, in each language, with its values. Its own texts go before those of the registry. */
export function textsOf({ code, parameters, texts }: Omit<FieldProblem, "field">): Texts {
  const { zh, en } = texts ?? fieldCodes[code];
  return { zh: fillText(zh, parameters), en: fillText(en, parameters) };
}

export interface AppErrorOptions {
  readonly parameters?: TextValues;
  /** For `invalid_fields`: every problem found, in the order the fields are declared. */
  readonly fields?: readonly FieldProblem[];
  /** Seconds after which trying again may succeed; becomes the Retry-After header. */
  readonly retryAfterSeconds?: number;
  readonly cause?: unknown;
  /** Members of the answer beside its text, for a client that goes on from there. */
  readonly answer?: Readonly<Record<string, unknown>>;
  /** Of a code that an embedding program declares; see `declareErrors`. */
  readonly definition?: ErrorDefinition;
}

/**
 * An expected failure, named by a code of the registry. Domain code throws it and knows nothing of HTTP;
 * `http/error-renderer.ts` turns it into an answer in the reader's language.
 */
export class AppError extends Error {
  readonly code: ErrorCode;
  /** Status, shape and texts. A code that nobody declared has none, and is answered as `internal`. */
  readonly definition: ErrorDefinition;
  readonly parameters: TextValues;
  readonly fields: readonly FieldProblem[];
  readonly retryAfterSeconds: number | undefined;
  readonly answer: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, options: AppErrorOptions = {}) {
    super(code, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "AppError";
    this.code = code;
    this.definition = options.definition ?? errorCodes[code];
    this.parameters = options.parameters ?? {};
    this.fields = options.fields ?? [];
    this.retryAfterSeconds = options.retryAfterSeconds;
    this.answer = options.answer ?? {};
  }
}

/** An `invalid_fields` error about the given problems. */
export function invalidFields(...fields: FieldProblem[]): AppError {
  return new AppError("invalid_fields", { fields });
}

/**
 * An embedding program's own failures, answered like ours in every shape and language:
 *
 *     const fail = declareErrors({ shop_closed: { status: 409, shape: "message", zh: "…", en: "…" } });
 *     throw fail("shop_closed", { parameters: { opens: "9:00" } });
 *
 * Throws where a code is one of ours, a status is no error, or a text is missing: a mistake that shows at the start.
 */
export function declareErrors<const Codes extends Readonly<Record<string, ErrorDefinition>>>(
  definitions: Codes,
): (code: keyof Codes & string, options?: Omit<AppErrorOptions, "definition">) => AppError {
  for (const [code, { status, shape, zh, en }] of Object.entries(definitions)) {
    const isUsable = status >= 400 && status <= 599 && errorShapes.includes(shape) && zh !== "" && en !== "";
    if (Object.hasOwn(errorCodes, code)) throw new TypeError(`the error code ${code} is taken`);
    if (!isUsable || typeof zh !== "string" || typeof en !== "string") {
      throw new TypeError(`the error ${code} needs a status from 400 to 599, a shape, and texts zh and en`);
    }
  }
  return (code, options = {}) =>
    new AppError(code as ErrorCode, { ...options, definition: definitions[code]! });
}
