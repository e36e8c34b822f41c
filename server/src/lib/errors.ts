import type { ErrorCode, FieldCode } from "./error-codes.ts";

/** Values that fill the `{name}` places of an error's text. */
export type ErrorParameters = Readonly<Record<string, string | number>>;

/** One thing wrong with one field. */
export interface FieldProblem {
  readonly field: string;
  readonly code: FieldCode;
  readonly parameters?: ErrorParameters;
}

export interface AppErrorOptions {
  readonly parameters?: ErrorParameters;
  /** For `invalid_fields`: every problem found, in the order the fields are declared. */
  readonly fields?: readonly FieldProblem[];
  /** Seconds after which trying again may succeed; becomes the Retry-After header. */
  readonly retryAfterSeconds?: number;
  readonly cause?: unknown;
}

/**
 * An expected failure, named by a code of the registry. Domain code throws it and knows nothing of HTTP;
 * `http/error-renderer.ts` turns it into an answer in the reader's language.
 */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly parameters: ErrorParameters;
  readonly fields: readonly FieldProblem[];
  readonly retryAfterSeconds: number | undefined;

  constructor(code: ErrorCode, options: AppErrorOptions = {}) {
    super(code, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "AppError";
    this.code = code;
    this.parameters = options.parameters ?? {};
    this.fields = options.fields ?? [];
    this.retryAfterSeconds = options.retryAfterSeconds;
  }
}

/** An `invalid_fields` error about the given problems. */
export function invalidFields(...fields: FieldProblem[]): AppError {
  return new AppError("invalid_fields", { fields });
}
