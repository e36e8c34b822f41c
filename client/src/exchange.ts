/** One request and its answer: what a transport has to do, whatever the platform sends with. */

/** A Blob or File of a browser, as much of it as is needed: platforms without one have no such type. */
export interface BlobBody {
  readonly size: number;
  readonly type: string;
  arrayBuffer(): Promise<ArrayBuffer>;
}
export type FileBody = ArrayBuffer | BlobBody;

export interface ExchangeRequest {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly url: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** JSON, a file, or null for a request without a body. */
  readonly body: string | FileBody | null;
  /** True where the platform's cookies for this address go along, and what the answer sets is kept. */
  readonly cookies: boolean;
  /** True where what it answers with 200 is a file, and no text. */
  readonly binary?: boolean;
  /** Milliseconds after which nobody waits for the answer any more. */
  readonly timeoutMs: number;
}

export interface ExchangeAnswer {
  readonly status: number;
  /** Value of a header by its name in lower case, or null. */
  header(name: string): string | null;
  /** Empty where the answer is a file. */
  readonly text: string;
  readonly file?: ArrayBuffer;
}

/**
 * Sends one request. Resolves with whatever the server answered, also 4xx and 5xx; rejects where there was no answer.
 * Never follows a redirect: the API has none, and somebody in between must not get the token. `onStop` takes what ends
 * the request early, after a time-out or when the caller gives up.
 */
export type Send = (request: ExchangeRequest, onStop: (stop: () => void) => void) => Promise<ExchangeAnswer>;

/** `fetch`, where the platform's types have one. */
export type Fetch = typeof globalThis extends { fetch: infer Given } ? Given : never;

/** Sends with fetch. Without AbortController the request goes on unheard after a time-out. */
export function fetchSend(fetch: Fetch): Send {
  return async (request, onStop) => {
    const controller = typeof AbortController === "undefined" ? undefined : new AbortController();
    onStop(() => controller?.abort());
    const response = await fetch(request.url, {
      method: request.method,
      headers: request.headers,
      body: request.body as ArrayBuffer | string | null,
      credentials: request.cookies ? "include" : "omit",
      redirect: "error",
      signal: controller?.signal ?? null,
    });
    const { status } = response;
    const header = (name: string) => response.headers.get(name);
    if (request.binary && response.ok)
      return { status, header, text: "", file: await response.arrayBuffer() };
    return { status, header, text: await response.text() };
  };
}
