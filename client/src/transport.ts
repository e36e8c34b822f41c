import { ApiError, errorFromAnswer, parseRetryAfter } from "./api-error.ts";

/**
 * One call over fetch: a time-out, the language, the error model, and a retry only where nothing can happen twice.
 *
 * Never follows an answer into another origin's credentials, never logs, never retries a call that changes anything
 * (asking for a code is a GET and still sends a mail: it is not `repeatable`).
 */

export interface TransportOptions {
  /** Address of the API, with or without a trailing slash, for example `https://api.meiduo.com`. */
  readonly baseUrl: string;
  /** The token to send where a call needs one; asked each time, so that a log-out works at once. */
  readonly token?: () => string | null | undefined;
  /** `zh-CN` (default) or `en`: the language of error texts and mails. */
  readonly language?: string | (() => string);
  /** Milliseconds for one attempt, answer body included. Default 15 000. */
  readonly timeoutMs?: number;
  /** How often a repeatable call is tried again after no answer or 502, 503, 504. Default 2. */
  readonly retries?: number;
  /** Called with every failure that means the token is no good, and with that token, before the call rejects. */
  readonly onLogInNeeded?: (error: ApiError, token: string | null | undefined) => void;
  /** Another fetch: a test's, or one with a proxy. */
  readonly fetch?: typeof globalThis.fetch;
}

export interface CallOptions {
  readonly signal?: AbortSignal;
}

export interface Call {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>> | undefined;
  readonly body?: unknown;
  /** Sends the token. A bad token is refused on open endpoints too, so only calls that need one carry it. */
  readonly authenticated?: boolean;
  /** Sends cookies as well: one tells the API a device that logged in before, one ties a third-party flow to it. */
  readonly cookies?: boolean;
  /** True only where doing it twice is the same as once. */
  readonly repeatable?: boolean;
  /** The answer gets `retryAfterSeconds` from the Retry-After header, where the server sends one. */
  readonly paced?: boolean;
}

export type Transport = <Answer>(call: Call, options?: CallOptions) => Promise<Answer>;

/** Longest pause before a repeat; a server that asks for more is not waited for. */
const longestPauseMs = 4_000;

export function createTransport(options: TransportOptions): Transport {
  const baseUrl = options.baseUrl.replace(/\/+$/, "");
  const timeoutMs = options.timeoutMs ?? 15_000;
  const retries = options.retries ?? 2;

  return async <Answer>(call: Call, { signal }: CallOptions = {}): Promise<Answer> => {
    for (let attempt = 0; ; attempt++) {
      const token = call.authenticated ? options.token?.() : undefined;
      try {
        return (await attemptCall(call, token, signal)) as Answer;
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        if (error.needsLogIn && call.authenticated) options.onLogInNeeded?.(error, token);
        const pauseMs = pauseBeforeRepeat(error, attempt);
        if (!call.repeatable || attempt >= retries || pauseMs === undefined) throw error;
        await pause(pauseMs, signal);
      }
    }
  };

  async function attemptCall(
    call: Call,
    token: string | null | undefined,
    signal: AbortSignal | undefined,
  ): Promise<unknown> {
    const send = options.fetch ?? globalThis.fetch;
    if (send === undefined) {
      const message = "There is no fetch here: give one to the client as `fetch`.";
      throw new ApiError({ code: "no_fetch", message });
    }
    const limit = startLimit(timeoutMs, signal);
    const exchange = async () => {
      const response = await send(address(call), {
        method: call.method,
        headers: headers(call, token),
        body: call.body === undefined ? null : JSON.stringify(call.body),
        credentials: call.cookies ? "include" : "omit",
        // The API never redirects; a redirect is somebody in between, who must not get the token.
        redirect: "error",
        signal: limit.signal,
      });
      return await readAnswer(response, call);
    };
    try {
      return await Promise.race([exchange(), limit.reached]);
    } catch (cause) {
      if (cause instanceof ApiError) throw cause;
      if (signal?.aborted) throw new ApiError({ code: "aborted", message: "The call was aborted.", cause });
      if (limit.isOver()) {
        throw new ApiError({ code: "timeout", message: `No answer within ${timeoutMs} ms.`, cause });
      }
      throw new ApiError({ code: "network", message: "The server could not be reached.", cause });
    } finally {
      limit.clear();
    }
  }

  function address(call: Call): string {
    // By hand: mini programs have no URLSearchParams.
    const pairs = Object.entries(call.query ?? {}).flatMap(([name, value]) =>
      value === undefined ? [] : [`${encodeURIComponent(name)}=${encodeURIComponent(value)}`],
    );
    return baseUrl + call.path + (pairs.length === 0 ? "" : `?${pairs.join("&")}`);
  }

  function headers(call: Call, token: string | null | undefined): Record<string, string> {
    const language = typeof options.language === "function" ? options.language() : options.language;
    const all: Record<string, string> = {
      accept: "application/json, application/problem+json",
      "accept-language": language ?? "zh-CN",
    };
    if (call.body !== undefined) all["content-type"] = "application/json";
    if (token) all.authorization = `JWT ${token}`;
    return all;
  }
}

/**
 * The time-out of one attempt together with the caller's signal. Without AbortSignal.timeout and .any, which Chrome has
 * since 103 and 116 and Safari since 16 and 17.4; without AbortController (mini programs) the request goes on unheard,
 * and the call ends all the same.
 */
function startLimit(milliseconds: number, outer: AbortSignal | undefined) {
  const controller = typeof AbortController === "undefined" ? undefined : new AbortController();
  let isOver = false;
  let stop = () => {};
  const reached = new Promise<never>((_resolve, reject) => {
    stop = () => {
      reject(new Error("stopped"));
      controller?.abort();
    };
  });
  // Nobody waits for it once the answer is there.
  reached.catch(() => {});
  const timer = setTimeout(() => {
    isOver = true;
    stop();
  }, milliseconds);
  if (outer?.aborted) stop();
  else outer?.addEventListener("abort", stop);
  return {
    signal: controller?.signal ?? null,
    reached,
    isOver: () => isOver,
    clear() {
      clearTimeout(timer);
      outer?.removeEventListener("abort", stop);
    },
  };
}

async function readAnswer(response: Response, { paced }: Call): Promise<unknown> {
  const text = await response.text();
  let body: unknown;
  try {
    body = text === "" ? undefined : JSON.parse(text);
  } catch (cause) {
    if (response.ok) {
      const message = "The answer is not JSON.";
      throw new ApiError({ code: "not_the_api", status: response.status, message, cause });
    }
  }
  if (!response.ok) throw errorFromAnswer(response.status, response.headers, body);
  const retryAfterSeconds = paced ? parseRetryAfter(response.headers.get("retry-after")) : undefined;
  return retryAfterSeconds === undefined ? body : { ...(body as object), retryAfterSeconds };
}

function pauseBeforeRepeat(error: ApiError, attempt: number): number | undefined {
  const transient =
    error.code === "network" || error.status === 502 || error.status === 503 || error.status === 504;
  if (!transient) return undefined;
  const pauseMs = error.retryAfterSeconds === undefined ? 300 * 2 ** attempt : error.retryAfterSeconds * 1000;
  return pauseMs <= longestPauseMs ? pauseMs : undefined;
}

function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(new ApiError({ code: "aborted", message: "The call was aborted.", cause: signal?.reason }));
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop);
      resolve();
    }, milliseconds);
    if (signal?.aborted) stop();
    else signal?.addEventListener("abort", stop, { once: true });
  });
}
