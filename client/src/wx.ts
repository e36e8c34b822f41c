import { ApiError } from "./api-error.ts";
import type { ExchangeAnswer, ExchangeRequest, Send } from "./exchange.ts";
import { areaStore, type SessionStore } from "./session-store.ts";

/** What a mini program has in place of fetch and localStorage: WeChat's `wx`, uni-app's `uni`, and those made like them. */

/** Of `wx` and `uni`, what is used here. */
export interface MiniProgram {
  request(options: MiniProgramRequest): unknown;
  getStorageSync(key: string): unknown;
  setStorageSync(key: string, data: unknown): void;
  removeStorageSync(key: string): void;
}

export interface MiniProgramRequest {
  url: string;
  method: "GET" | "POST" | "PUT" | "DELETE";
  header: Record<string, string>;
  data?: string | ArrayBuffer;
  dataType: string;
  responseType: "text";
  timeout: number;
  redirect: "manual";
  success(answer: MiniProgramAnswer): void;
  fail(failure: { errMsg?: string }): void;
  complete(): void;
}

/** Of an answer, what is used here. `cookies` is missing before base library 2.10. */
export interface MiniProgramAnswer {
  statusCode: number;
  header: Record<string, unknown>;
  data: unknown;
  cookies?: string[];
}

const cookieKey = "meiduo.cookies";

/**
 * What `createClient` and `createSession` need in a mini program: `createSession({ baseUrl, ...miniProgram(wx) })`.
 *
 * - Each answer counts as the server gave it, whatever its status; a redirect is none.
 * - Mini programs send no PATCH: it goes as POST with `X-HTTP-Method-Override: PATCH`, which the API reads.
 * - Mini programs keep no cookies. The API's own are kept beside the session, so that it knows the device again.
 * - The session outlives the visit, with or without `remember`: a mini program has one storage.
 */
export function miniProgram(platform: MiniProgram): { readonly send: Send; readonly store: SessionStore } {
  const read = (key: string) => {
    // A key that isn't there reads as "".
    const text = platform.getStorageSync(key);
    return typeof text === "string" && text !== "" ? text : null;
  };
  const store = areaStore({
    get: read,
    set: (key, value) => platform.setStorageSync(key, value),
    remove: (key) => platform.removeStorageSync(key),
  });
  const jar = {
    read: () => read(cookieKey) ?? "",
    take(set: readonly string[]) {
      const merged = mergeCookies(read(cookieKey) ?? "", set);
      if (merged !== read(cookieKey)) platform.setStorageSync(cookieKey, merged);
    },
  };
  return { send: (request, onStop) => exchange(platform, jar, request, onStop), store };
}

function exchange(
  platform: MiniProgram,
  jar: { read(): string; take(set: readonly string[]): void },
  request: ExchangeRequest,
  onStop: (stop: () => void) => void,
): Promise<ExchangeAnswer> {
  return new Promise((resolve, reject) => {
    const { method } = request;
    const header: Record<string, string> = { ...request.headers };
    if (method === "PATCH") header["x-http-method-override"] = method;
    const cookies = request.cookies ? jar.read() : "";
    if (cookies !== "") header.cookie = cookies;
    const task = platform.request({
      url: request.url,
      method: method === "PATCH" ? "POST" : method,
      header,
      // There is no Blob here.
      ...(request.body !== null && { data: request.body as string | ArrayBuffer }),
      // Anything but "json": the answer is read here, where what is no JSON is told from what is.
      dataType: "text",
      responseType: "text",
      timeout: request.timeoutMs,
      redirect: "manual",
      success(answer) {
        if (answer.statusCode >= 300 && answer.statusCode < 400) return reject(new Error("a redirect"));
        if (request.cookies && answer.cookies) jar.take(answer.cookies);
        resolve(answerOf(answer));
      },
      fail: ({ errMsg = "request:fail" }) => reject(failureOf(errMsg)),
      // An intercepted redirect may end the request with neither of the two.
      complete: () => reject(new Error("request:fail no answer")),
    });
    onStop(() => (task as { abort?: () => void } | undefined)?.abort?.());
  });
}

/** An app's own networkTimeout may be shorter than the client's. */
function failureOf(errMsg: string): Error {
  return /time-?out/i.test(errMsg) ? new ApiError({ code: "timeout", message: errMsg }) : new Error(errMsg);
}

/** Platforms write the names of headers in different letters. */
function answerOf({ statusCode, header, data }: MiniProgramAnswer): ExchangeAnswer {
  const headers = new Map(Object.entries(header ?? {}).map(([name, value]) => [name.toLowerCase(), value]));
  const text =
    typeof data === "string" ? data : data === undefined || data === null ? "" : JSON.stringify(data);
  return {
    status: statusCode,
    header: (name) => (headers.has(name) ? String(headers.get(name)) : null),
    text,
  };
}

/** The Cookie header after these Set-Cookie values; one with `Max-Age=0` is taken out. */
function mergeCookies(cookies: string, set: readonly string[]): string {
  const all = new Map(
    cookies.split("; ").flatMap((pair) => (pair === "" ? [] : [[pair.split("=", 1)[0], pair]])),
  );
  for (const one of set) {
    const [pair = ""] = one.split(";", 1);
    const name = pair.split("=", 1)[0];
    if (/;\s*max-age=(0|-\d+)\s*(;|$)/i.test(one)) all.delete(name);
    else all.set(name, pair.trim());
  }
  return [...all.values()].join("; ");
}
