import { type ServerResponse, STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import type { FastifyBaseLogger } from "fastify";
import { type ErrorCode, errorCodes } from "../errors/error-codes.ts";
import { AppError } from "../errors/errors.ts";
import { tagOf } from "../words/language.ts";
import type { Words } from "../words/words.ts";
import { renderDefault } from "./error-renderer.ts";

/**
 * Answers what Node's parser refuses before there is a request: what is not HTTP, headers beyond 16 KB, a request that
 * takes too long to arrive. The answer has our shape and the headers of every answer (guard: node-answers.test.ts). It
 * is in the language of those who name none and without CORS, because neither language nor origin is known.
 */
export function createClientErrorHandler(
  log: Pick<FastifyBaseLogger, "info">,
  headers: Readonly<Record<string, string>>,
  words: Words,
) {
  const { silent: language } = words;
  return (error: Error & { readonly code?: string }, socket: Socket): void => {
    // Nobody is there to be answered.
    if (error.code === "ECONNRESET" || socket.destroyed) return;
    const code = codes[error.code ?? ""] ?? "bad_request";
    const { status } = errorCodes[code];
    log.info({ status, reason: error.code, route: "(none)" }, "answered");
    // Written into an answer on its way, ours would pass for its body. Node offers no other way to know of one, and asks
    // this in its own handler (guard: client-error.test.ts).
    const { _httpMessage: underWay } = socket as Socket & { _httpMessage?: ServerResponse | null };
    if (socket.writable && !underWay?.headersSent) {
      const body = JSON.stringify(renderDefault(new AppError(code), { words, language }, ""));
      socket.write(
        [
          `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
          "Content-Type: application/json; charset=utf-8",
          `Content-Language: ${tagOf(language)}`,
          ...Object.entries({ ...headers, "cache-control": "no-store" }).map((header) => header.join(": ")),
          `Content-Length: ${Buffer.byteLength(body)}`,
          "Connection: close",
          `\r\n${body}`,
        ].join("\r\n"),
      );
    }
    socket.destroy(error);
  };
}

const codes: Readonly<Record<string, ErrorCode>> = {
  HPE_HEADER_OVERFLOW: "headers_too_large",
  ERR_HTTP_REQUEST_TIMEOUT: "request_timeout",
};
