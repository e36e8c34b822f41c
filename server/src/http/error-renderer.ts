import type { FastifyReply, FastifyRequest } from "fastify";
import { errorCodes } from "../errors/error-codes.ts";
import { AppError, type FieldProblem } from "../errors/errors.ts";
import { fieldCodes } from "../errors/field-codes.ts";
import { fillText } from "../errors/fill-text.ts";
import { ToldError } from "../errors/told-error.ts";
import { type Language, tagOf } from "../words/language.ts";
import type { Words } from "../words/words.ts";

/** Sends a failure as the answer of a request. */
export type SendError = (error: unknown, request: FastifyRequest, reply: FastifyReply) => FastifyReply;

/**
 * Turns failures into answers: the tutorial's body shapes by default, RFC 9457 on request, in the reader's
 * language. Promise: an unexpected failure shows nothing but the request id; its cause goes to the log.
 */
export function createSendError(words: Words): SendError {
  return (error, request, reply) => {
    const language = words.pick(request.headers["accept-language"]);
    return send(error, request, reply, { words, language });
  };
}

/** Who answers, and in which language. */
export interface Speech {
  readonly words: Words;
  readonly language: Language;
}

function send(error: unknown, request: FastifyRequest, reply: FastifyReply, speech: Speech): FastifyReply {
  const known = toAppError(error, request.headers["content-type"]);
  const status = statusOf(known, request);
  if (known.code === "provider_not_configured") {
    // The operator's choice, and nothing that failed: one line that names the setting, without a stack.
    const { setting } = known.parameters;
    request.log.warn({ errorCode: known.code, setting }, "log-in with a provider that is not configured");
  } else if (known.cause instanceof ToldError) {
    // What an operator has to put right, in a sentence.
    request.log.warn({ errorCode: known.code }, known.cause.message);
  } else if (status >= 500) {
    // Not `code`: the log hides that name, for verification codes.
    const level = known.code === "internal" ? "error" : "warn";
    request.log[level]({ err: known.cause ?? known, errorCode: known.code }, "request failed");
  }
  reply.code(status);
  if (known.retryAfterSeconds !== undefined) reply.header("retry-after", String(known.retryAfterSeconds));
  // RFC 9110 section 15.5.2 asks every 401 to carry a challenge; the clients know this one.
  if (known.code === "reauthentication_required") reply.header("www-authenticate", stepUpChallenge(known));
  else if (status === 401) reply.header("www-authenticate", challengeOf(known));
  reply.header("content-language", tagOf(speech.language));
  if (request.headers.accept?.includes("application/problem+json")) {
    return reply
      .type("application/problem+json; charset=utf-8")
      .serializer(JSON.stringify)
      .send(renderProblem(known, speech, request.id));
  }
  return reply
    .type("application/json; charset=utf-8")
    .serializer(JSON.stringify)
    .send(renderDefault(known, speech, request.id));
}

/** RFC 9470 section 3 answers 401; the tutorial's scheme and cookies keep 403, which logs nobody out. */
function statusOf({ code, definition }: AppError, { headers }: FastifyRequest): number {
  const isStepUp = code === "reauthentication_required";
  return isStepUp && /^bearer /i.test(headers.authorization ?? "") ? 401 : definition.status;
}

function stepUpChallenge({ parameters }: AppError): string {
  const text = "A more recent authentication is required";
  return `Bearer realm="api", error="insufficient_user_authentication", error_description="${text}", max_age="${parameters.maxAge}"`;
}

function challengeOf({ definition }: AppError): string {
  // RFC 6749 section 5.2: the scheme that the client came with is among them.
  if (definition.oauth !== undefined) return 'Bearer realm="api", Basic realm="api"';
  return `${definition.simplejwt ? "Bearer" : "JWT"} realm="api"`;
}

/** The tutorial's shapes. Every 4xx body also carries `message`, because several clients read only that. */
export function renderDefault(error: AppError, speech: Speech, requestId: string): Record<string, unknown> {
  if (error.code === "invalid_fields") {
    const body: Record<string, unknown> = {};
    for (const problem of error.fields) {
      const texts = (body[problem.field] as string[] | undefined) ?? [];
      body[problem.field] = [...texts, fieldText(problem, speech)];
    }
    const [first] = error.fields;
    if (!("message" in body) && first) body.message = fieldText(first, speech);
    return body;
  }
  const { shape, status, simplejwt, clientCode, oauth } = error.definition;
  const text = errorText(error, speech, requestId);
  const further = { ...(clientCode !== undefined && { code: clientCode }), ...error.answer };
  if (simplejwt) return { detail: text, ...further };
  if (shape === "message") return { message: text, ...further };
  const body: Record<string, unknown> = shape === "detail" ? { detail: text } : { non_field_errors: [text] };
  if (status < 500) body.message = text;
  if (oauth !== undefined) body.error = oauth;
  return { ...body, ...further };
}

/** RFC 9457, with our `code`, `fields` and `requestId` as extension members. */
export function renderProblem(error: AppError, speech: Speech, requestId: string): Record<string, unknown> {
  const title = errorText(error, speech, requestId);
  return {
    type: `urn:meiduo:error:${error.code}`,
    title,
    status: error.definition.status,
    code: error.code,
    fields: error.fields.map((problem) => ({
      field: problem.field,
      code: problem.code,
      message: fieldText(problem, speech),
    })),
    requestId,
    ...error.answer,
    ...(error.retryAfterSeconds === undefined ? {} : { retryAfterSeconds: error.retryAfterSeconds }),
  };
}

function errorText(
  { code, definition, parameters }: AppError,
  { words, language }: Speech,
  requestId: string,
) {
  const isOurs = definition === errorCodes[code];
  const text = isOurs ? words.text(`errors.${code}`, language) : words.textOf(definition, language);
  return fillText(text, { requestId, ...parameters });
}

function fieldText({ code, parameters, texts }: FieldProblem, { words, language }: Speech): string {
  const text =
    texts === undefined ? words.text(`errors.fields.${code}`, language) : words.textOf(texts, language);
  return fillText(text, parameters);
}

const replacedFiles = new ToldError(
  "程序文件在运行中被替换或删除，有模块无法加载：请重启服务；升级请按 docs/scaling.md 的 “Upgrades” 使用新目录。",
  "The program's files were replaced or removed while it runs, and a module can't be loaded: restart the service, and upgrade into a new folder as \"Upgrades\" in docs/scaling.md says.",
);

/** Fastify's own refusals under our codes; everything unknown is `internal`. */
function toAppError(error: unknown, contentType = ""): AppError {
  if (error instanceof AppError)
    return isDeclared(error) ? error : new AppError("internal", { cause: error });
  const { code, statusCode } = (error ?? {}) as { code?: string; statusCode?: number };
  switch (code) {
    case "ERR_MODULE_NOT_FOUND":
      return new AppError("unavailable", { retryAfterSeconds: 5, cause: replacedFiles });
    case "FST_ERR_CTP_BODY_TOO_LARGE":
      return new AppError("body_too_large");
    case "FST_ERR_CTP_INVALID_MEDIA_TYPE":
      return new AppError("unsupported_media_type", { parameters: { type: mediaType(contentType) } });
    case "FST_ERR_CTP_INVALID_CONTENT_LENGTH":
    case "FST_ERR_BAD_URL":
      return new AppError("bad_request");
  }
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500)
    return new AppError("bad_request", { cause: error });
  return new AppError("internal", { cause: error });
}

/** False for a code that an embedding program made up without declaring it: there is no text to show a visitor. */
function isDeclared({ definition, fields }: AppError): boolean {
  return (
    definition !== undefined &&
    fields.every(({ code, texts }) => texts !== undefined || Object.hasOwn(fieldCodes, code))
  );
}

/** The Content-Type as it was sent, shortened: it is repeated in the answer, as the original did. */
export function mediaType(contentType: string): string {
  return contentType.slice(0, 100);
}
