/**
 * A double of what a mini program has in place of fetch and localStorage, after WeChat's documentation of wx.request,
 * RequestTask and the storage calls. It sends over real HTTP.
 *
 * - Methods are OPTIONS, GET, HEAD, POST, PUT, DELETE, TRACE and CONNECT: PATCH is none. Referer can't be set.
 * - `data` that is text goes as it is. Objects go as JSON, with GET in the address.
 * - `dataType: "json"`, the default, parses the answer where that works; anything else leaves the text.
 * - Any status is a success; failures have `errMsg` alone. Callbacks come later, `complete` after the other.
 * - Cookies are not kept: `cookies` has the Set-Cookie values.
 * - `redirect: "manual"` ends with `complete` alone; otherwise redirects are followed with the same headers.
 */
import { request as httpRequest, type IncomingHttpHeaders } from "node:http";

interface RequestOptions {
  url: string;
  method?: string;
  header?: Record<string, unknown>;
  data?: unknown;
  dataType?: string;
  responseType?: string;
  timeout?: number;
  redirect?: "follow" | "manual";
  success?(answer: Answer): void;
  fail?(failure: { errMsg: string; errno: number }): void;
  complete?(result: object): void;
}

interface Answer {
  statusCode: number;
  header: Record<string, string>;
  data: unknown;
  cookies: string[];
  errMsg: string;
}

export interface DoubleOptions {
  /** How the platform writes the names of headers: Android as sent, iOS with capitals. */
  readonly headerName?: (name: string) => string;
  /** The app's networkTimeout (app.json), in milliseconds. */
  readonly networkTimeout?: number;
}

const methods = ["OPTIONS", "GET", "HEAD", "POST", "PUT", "DELETE", "TRACE", "CONNECT"];

export function miniProgramDouble({
  headerName = (name) => name,
  networkTimeout = 60_000,
}: DoubleOptions = {}) {
  const storage = new Map<string, string>();
  let open = 0;

  function request(options: RequestOptions) {
    let isOver = false;
    const end = (tell: () => void, result: object) => {
      if (isOver) return;
      isOver = true;
      open -= 1;
      setTimeout(() => {
        tell();
        options.complete?.(result);
      });
    };
    const fail = (words: string) => {
      const failure = { errMsg: `request:fail ${words}`, errno: 600_001 };
      end(() => options.fail?.(failure), failure);
    };
    open += 1;
    const { method = "GET", redirect = "follow" } = options;
    if (!methods.includes(method)) {
      fail("method is invalid");
      return { abort() {} };
    }
    const timer = setTimeout(() => fail("timeout"), Math.min(options.timeout ?? 60_000, networkTimeout));
    const sent = send(options, options.url, redirect, {
      answered(answer) {
        clearTimeout(timer);
        if (answer === null) end(() => {}, { errMsg: "request:ok" });
        else end(() => options.success?.(answer), answer);
      },
      failed(words) {
        clearTimeout(timer);
        fail(words);
      },
    });
    return {
      abort() {
        clearTimeout(timer);
        sent.destroy();
        fail("abort");
      },
    };
  }

  function send(
    options: RequestOptions,
    url: string,
    redirect: "follow" | "manual",
    on: { answered(answer: Answer | null): void; failed(words: string): void },
  ) {
    const { method = "GET", header = {}, data } = options;
    const headers: Record<string, string> = { "content-type": "application/json" };
    for (const [name, value] of Object.entries(header)) {
      if (!/^referer$/i.test(name)) headers[name.toLowerCase()] = String(value);
    }
    headers.referer = "https://servicewechat.com/wx0123456789abcdef/devtools/page-frame.html";
    const isText = typeof data === "string";
    const query = data !== undefined && !isText && method === "GET" ? data : {};
    const address = new URL(url);
    for (const [name, value] of Object.entries(query as object))
      address.searchParams.set(name, String(value));
    const sent = httpRequest(address, { method, headers }, (answer) => {
      const status = answer.statusCode ?? 0;
      if (status >= 300 && status < 400 && answer.headers.location) {
        answer.resume();
        if (redirect === "manual") return on.answered(null);
        return send(options, new URL(answer.headers.location, url).href, redirect, on);
      }
      let text = "";
      answer.setEncoding("utf8").on("data", (chunk) => {
        text += chunk;
      });
      answer.on("error", () => on.failed("socket hang up"));
      answer.on("end", () => on.answered(answerOf(status, answer.headers, text, options)));
    });
    sent.on("error", (error) => on.failed(error.message));
    if (method !== "GET" && data !== undefined) sent.write(isText ? data : JSON.stringify(data));
    sent.end();
    return sent;
  }

  function answerOf(
    statusCode: number,
    received: IncomingHttpHeaders,
    text: string,
    { dataType = "json" }: RequestOptions,
  ): Answer {
    const header = Object.fromEntries(
      Object.entries(received).map(([name, value]) => [headerName(name), String(value)]),
    );
    return {
      statusCode,
      header,
      data: dataType === "json" ? parsed(text) : text,
      cookies: received["set-cookie"] ?? [],
      errMsg: "request:ok",
    };
  }

  return {
    request,
    /** How many requests neither ended nor were stopped. */
    openRequests: () => open,
    storage,
    getStorageSync(key: string): unknown {
      const kept = storage.get(key);
      return kept === undefined ? "" : JSON.parse(kept);
    },
    setStorageSync(key: string, data: unknown): void {
      storage.set(key, JSON.stringify(data));
    },
    removeStorageSync(key: string): void {
      storage.delete(key);
    },
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
