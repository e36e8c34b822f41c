import { ApiError, errorFromAnswer, parseRetryAfter, type StepUpNeeded } from "./api-error.ts";
import {
  answered,
  type CaptchaAnswering,
  captchaHeaders,
  mayAnswer,
  noCaptchaYet,
  type ShownCaptcha,
} from "./captcha-answering.ts";
import {
  type ExchangeAnswer,
  type ExchangeRequest,
  type Fetch,
  type FileBody,
  fetchSend,
  type Send,
} from "./exchange.ts";

/**
 * One call: a time-out, the language, the error model, and a retry only where nothing can happen twice.
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
  /**
   * The session is in a cookie that no script reads: every call goes with the browser's cookies and says so, and no token
   * is sent or answered (docs/sessions.md). For pages under the API's own domain.
   */
  readonly cookieSession?: boolean;
  /** Called with every failure that means the token is no good, and with that token, before the call rejects. */
  readonly onLogInNeeded?: (error: ApiError, token: string | null | undefined) => void;
  /**
   * Gets another token for one that the server refused; null where there is none to be had. Called once for all calls
   * that a token failed; each is then sent again, once. Where it rejects, so do they, and nobody is logged out.
   */
  readonly renew?: (refused: string) => Promise<string | null>;
  /**
   * Asks the owner to prove themselves again, where a call was refused as `reauthentication_required`: resolves with the proof
   * of `reauthenticate`, and the call is sent again with it, once; with null where nothing has to be sent along, and where they
   * would not, with undefined: then the call rejects as it was refused.
   */
  readonly stepUp?: (needed: StepUpNeeded) => Promise<string | null | undefined>;
  /**
   * Answers a captcha, where a call was refused as `captcha_required`. Without it the API asks for none, and has a client wait in
   * its place (docs/limits.md).
   */
  readonly captcha?: CaptchaAnswering;
  /** Another fetch: a test's, or one with a proxy. */
  readonly fetch?: Fetch;
  /** What sends in place of fetch, where there is none: mini programs (`@meiduo/client/wx`). */
  readonly send?: Send;
}

/** What can stop a call: an AbortSignal, or anything like one where the platform has none. */
export interface StopSignal {
  readonly aborted: boolean;
  readonly reason?: unknown;
  addEventListener(type: "abort", listener: () => void): void;
  removeEventListener(type: "abort", listener: () => void): void;
}

export interface CallOptions {
  readonly signal?: StopSignal;
  /** A proof of `reauthenticate` for this call. */
  readonly proof?: string | undefined;
}

export interface Call {
  readonly method: ExchangeRequest["method"];
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>> | undefined;
  readonly body?: unknown;
  /** A body that is no JSON; where there is no Blob, as in mini programs, its bytes. */
  readonly file?: FileBody | undefined;
  /** Sends the token. A bad token is refused on open endpoints too, so only calls that need one carry it. */
  readonly authenticated?: boolean;
  /** A log-in: sends the token, if there is one, so that the API ends the session whose place the new one takes. */
  readonly replaces?: boolean;
  /** Sends cookies as well: one tells the API a device that logged in before, one ties a third-party flow to it. */
  readonly cookies?: boolean;
  /** True only where doing it twice is the same as once. */
  readonly repeatable?: boolean;
  /** The answer is a file; only where the platform's transport reads one. */
  readonly binary?: boolean;
  /** The API may ask for a captcha. */
  readonly captcha?: boolean;
  /** The answer gets `retryAfterSeconds` from the Retry-After header, where the server sends one. */
  readonly paced?: boolean;
}

/** What a call shows of who sends it. */
interface Shown {
  readonly token: string | null | undefined;
  readonly proof: string | undefined;
  readonly captcha: ShownCaptcha;
}

export type Transport = <Answer>(call: Call, options?: CallOptions) => Promise<Answer>;

/** Longest pause before a repeat; a server that asks for more is not waited for. */
const longestPauseMs = 4_000;

export function createTransport(options: TransportOptions): Transport {
  const baseUrl = options.baseUrl.replace(/\/+$/, "");
  const timeoutMs = options.timeoutMs ?? 15_000;
  const retries = options.retries ?? 2;
  const renewals = new Map<string, Promise<string | null>>();

  return async <Answer>(call: Call, { signal, proof: given }: CallOptions = {}): Promise<Answer> => {
    let renewed: string | null = null;
    let proof = given;
    let captcha = noCaptchaYet;
    let hasAsked = false;
    for (let attempt = 0; ; attempt++) {
      const token: string | null | undefined =
        renewed ?? (call.authenticated || call.replaces ? options.token?.() : undefined);
      try {
        return (await attemptCall(call, { token, proof, captcha }, signal)) as Answer;
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        if (error.needsLogIn && call.authenticated) {
          // With a refused token nothing was done, so the call may be sent again, whatever it changes.
          const fresh: string | null = token && renewed === null ? await renewal(token) : null;
          if (fresh !== null) {
            renewed = fresh;
            continue;
          }
          options.onLogInNeeded?.(error, token);
        }
        if (error.stepUp !== undefined && options.stepUp !== undefined && !hasAsked) {
          hasAsked = true;
          const shown = await options.stepUp(error.stepUp);
          if (shown === undefined) throw error;
          proof = shown ?? undefined;
          continue;
        }
        if (mayAnswer(options.captcha, error, captcha)) {
          captcha = await answered(options.captcha, error, captcha);
          continue;
        }
        const pauseMs = pauseBeforeRepeat(error, attempt);
        if (!call.repeatable || attempt >= retries || pauseMs === undefined) throw error;
        await pause(pauseMs, signal);
      }
    }
  };

  function renewal(refused: string): Promise<string | null> {
    if (options.renew === undefined) return Promise.resolve(null);
    const begun = renewals.get(refused);
    if (begun) return begun;
    const asked = options.renew(refused).finally(() => renewals.delete(refused));
    renewals.set(refused, asked);
    return asked;
  }

  async function attemptCall(call: Call, shown: Shown, signal: StopSignal | undefined): Promise<unknown> {
    const fetch = options.fetch ?? globalThis.fetch;
    const send = options.send ?? (fetch && fetchSend(fetch));
    if (send === undefined) {
      const message = "There is no fetch here: give one to the client as `fetch`, or a transport as `send`.";
      throw new ApiError({ code: "no_fetch", message });
    }
    const limit = startLimit(timeoutMs, signal);
    const request: ExchangeRequest = {
      method: call.method,
      url: address(call),
      headers: headers(call, shown),
      body: call.file ?? (call.body === undefined ? null : JSON.stringify(call.body)),
      cookies: options.cookieSession === true || (call.cookies ?? false),
      timeoutMs,
      ...(call.binary && { binary: true }),
    };
    try {
      return readAnswer(await Promise.race([send(request, limit.onStop), limit.reached]), call);
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

  function headers(call: Call, { token, proof, captcha }: Shown): Record<string, string> {
    const language = typeof options.language === "function" ? options.language() : options.language;
    const all: Record<string, string> = {
      accept: "application/json, application/problem+json",
      "accept-language": language ?? "zh-CN",
    };
    if (call.file !== undefined) all["content-type"] = "application/octet-stream";
    else if (call.body !== undefined) all["content-type"] = "application/json";
    if (options.cookieSession) all["x-meiduo-session"] = "cookie";
    else if (token) all.authorization = `JWT ${token}`;
    if (proof !== undefined) all["x-meiduo-proof"] = proof;
    if (call.captcha) Object.assign(all, captchaHeaders(options.captcha, captcha));
    return all;
  }
}

/**
 * The time-out of one attempt together with the caller's signal. Without AbortSignal.timeout and .any, which Chrome has
 * since 103 and 116 and Safari since 16 and 17.4; where a request can't be stopped it goes on unheard, and the call
 * ends all the same.
 */
function startLimit(milliseconds: number, outer: StopSignal | undefined) {
  let isOver = false;
  let stopRequest = () => {};
  let stop = () => {};
  const reached = new Promise<never>((_resolve, reject) => {
    stop = () => {
      reject(new Error("stopped"));
      stopRequest();
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
    reached,
    onStop(stopOne: () => void) {
      stopRequest = stopOne;
      if (isOver || outer?.aborted) stopOne();
    },
    isOver: () => isOver,
    clear() {
      clearTimeout(timer);
      outer?.removeEventListener("abort", stop);
    },
  };
}

function readAnswer(answer: ExchangeAnswer, { paced, binary }: Call): unknown {
  const { status, text } = answer;
  const isOk = status >= 200 && status < 300;
  if (isOk && binary) {
    if (answer.file !== undefined) return answer.file;
    throw new ApiError({ code: "not_the_api", status, message: "The answer is no file." });
  }
  let body: unknown;
  try {
    body = text === "" ? undefined : JSON.parse(text);
  } catch (cause) {
    if (isOk) throw new ApiError({ code: "not_the_api", status, message: "The answer is not JSON.", cause });
  }
  if (!isOk) throw errorFromAnswer(answer, body);
  const retryAfterSeconds = paced ? parseRetryAfter(answer.header("retry-after")) : undefined;
  return retryAfterSeconds === undefined ? body : { ...(body as object), retryAfterSeconds };
}

function pauseBeforeRepeat(error: ApiError, attempt: number): number | undefined {
  const transient =
    error.code === "network" || error.status === 502 || error.status === 503 || error.status === 504;
  if (!transient) return undefined;
  const pauseMs = error.retryAfterSeconds === undefined ? 300 * 2 ** attempt : error.retryAfterSeconds * 1000;
  return pauseMs <= longestPauseMs ? pauseMs : undefined;
}

function pause(milliseconds: number, signal: StopSignal | undefined): Promise<void> {
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
    else signal?.addEventListener("abort", stop);
  });
}
