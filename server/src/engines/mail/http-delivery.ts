import type { Dispatcher, request } from "undici";
import { maskText } from "../../kernel/mask.ts";
import { readBody } from "../../kernel/read-body.ts";
import { MailFailure } from "./mail.ts";

/** The opener of requests to the outside (engines/outgoing-http.ts), which is handed in. */
export interface HttpOpener {
  client(): Promise<{ readonly dispatcher: Dispatcher; readonly request: typeof request }>;
  close(): Promise<void>;
}

/**
 * One request to a mail service, a POST by default. Promise: it ends within its time, follows no redirect, reads no more
 * than it must, and its errors name neither an address nor a key.
 */
export interface Delivery {
  readonly url: string;
  readonly method?: "GET" | "POST";
  readonly headers: Readonly<Record<string, string>>;
  /** Null for none. */
  readonly body: string | null;
  /** Milliseconds for the whole exchange. */
  readonly timeoutMillis: number;
  readonly signal?: AbortSignal | undefined;
}

export interface ServiceAnswer {
  readonly status: number;
  /** Of a JSON answer, else empty. */
  readonly json: Readonly<Record<string, unknown>>;
}

const answerLimit = 64 * 1024;

/** Error: `MailFailure` where there is no whole answer; whether the mail was taken is unknown then. */
export async function ask(http: HttpOpener, delivery: Delivery): Promise<ServiceAnswer> {
  const { url, method = "POST", timeoutMillis, signal } = delivery;
  const { host } = new URL(url);
  const limit = AbortSignal.timeout(timeoutMillis);
  try {
    const { request, dispatcher } = await http.client();
    const answer = await request(url, {
      ...{ dispatcher, method, body: delivery.body },
      headers: { "user-agent": "meiduo-accounts", accept: "application/json", ...delivery.headers },
      signal: signal ? AbortSignal.any([limit, signal]) : limit,
    });
    // Giving a body up makes it emit an error; nobody listening would end the process.
    answer.body.on("error", () => {});
    const tooLarge = () => new MailFailure(`${host}: an answer above ${answerLimit} bytes`);
    const content = await readBody(answer.body, answerLimit, tooLarge);
    return { status: answer.statusCode, json: objectOf(content.toString("utf8")) };
  } catch (error) {
    if (error instanceof MailFailure) throw error;
    if (limit.aborted) throw new MailFailure(`${host}: no answer within ${timeoutMillis / 1000} s`);
    throw new MailFailure(`${host}: ${codeOf(error)}`);
  }
}

/** Rejects unless something answers at the address. Sends nothing. */
export async function reach(http: HttpOpener, url: string, timeoutMillis: number): Promise<void> {
  const { host, origin } = new URL(url);
  const signal = AbortSignal.timeout(timeoutMillis);
  try {
    const { request, dispatcher } = await http.client();
    const answer = await request(origin, { dispatcher, method: "HEAD", signal });
    answer.body.on("error", () => {});
    await answer.body.dump();
  } catch (error) {
    throw new MailFailure(`${host}: ${signal.aborted ? "no answer in time" : codeOf(error)}`);
  }
}

function objectOf(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text, wholeNumber);
    return value !== null && typeof value === "object" && !Array.isArray(value) ? { ...value } : {};
  } catch {
    return {};
  }
}

/**
 * An id that is written as a number beyond 2^53 stays as it is written (Yunpian's are of 64 bits): rounded, what is told of it later
 * is never found. Older engines don't say how it was written.
 */
function wholeNumber(_name: string, value: unknown, context?: { readonly source?: string }): unknown {
  const isRounded = typeof value === "number" && Number.isInteger(value) && !Number.isSafeInteger(value);
  return isRounded ? (context?.source ?? value) : value;
}

/** A text of a service's answer as it may be kept: short, in one line, without anybody's address. */
export function textIn(json: Readonly<Record<string, unknown>>, name: string): string {
  const value = json[name];
  return typeof value === "string" ? maskText(value.replaceAll(/[\s\p{Cc}]+/gu, " ")).slice(0, 300) : "";
}

/** An id in a service's answer, as it is; empty where there is none. */
export function idIn(json: Readonly<Record<string, unknown>>, name: string): string {
  const value = json[name];
  return typeof value === "string" && /^[\w.:@<>+=/^-]{1,200}$/.test(value) ? value : "";
}

function codeOf(error: unknown): string {
  const { code, cause } = error as { readonly code?: unknown; readonly cause?: unknown };
  if (typeof code === "string") return code;
  return cause ? codeOf(cause) : "connection failed";
}
