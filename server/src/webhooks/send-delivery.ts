import type { OutgoingHttp, OutgoingProxy } from "../engines/outgoing-http.ts";
import { guardedHttp, type Lookup, refuseNumber } from "../hooks/guarded-agent.ts";
import { errorLine } from "../kernel/mask.ts";
import { signedHeaders } from "../kernel/webhook-signature.ts";

/**
 * One attempt: a signed POST (Standard Webhooks). Promises: no redirect is followed; only public addresses are connected to, but
 * for hosts that the operator names, looked up at each connection; of the answer no more than 4 KB is read; it is over within 15
 * seconds. Attack: an endpoint that leads to the server's own network, by a redirect, a name that changes, or a number (guard:
 * webhook-faults.test.ts, endpoint-address.test.ts).
 */
export interface Attempt {
  /** Null where nobody answered. */
  readonly status: number | null;
  readonly answer: string | null;
  readonly error: string | null;
  /** What the receiver asked for, in seconds. */
  readonly retryAfterSeconds: number | null;
}

export interface Message {
  readonly url: string;
  readonly id: string;
  readonly body: string;
  /** Epoch seconds of this attempt. */
  readonly seconds: number;
  /** Those that sign, the present one first. */
  readonly secrets: readonly Buffer[];
}

export interface SenderDeps {
  readonly webhookPrivateHosts: readonly string[];
  readonly outgoingProxy: OutgoingProxy;
  readonly lookup?: Lookup;
}

export type Sender = ReturnType<typeof createSender>;

const timeoutMillis = 15_000;
const longestAnswer = 4096;
const setting = "WEBHOOK_PRIVATE_HOSTS";
/** A receiver may ask for a pause of a day at most. */
const longestPauseSeconds = 24 * 3600;

export function createSender(deps: SenderDeps) {
  const { webhookPrivateHosts: privateHosts, outgoingProxy: proxy, lookup } = deps;
  let opened: Promise<OutgoingHttp> | null = null;
  const http = () => {
    opened ??= guardedHttp({ privateHosts, timeoutMillis, proxy, setting, lookup });
    return opened;
  };

  async function post(message: Message, stop: AbortSignal): Promise<Attempt> {
    refuseNumber(message.url, privateHosts, setting);
    const { request, dispatcher } = await (await http()).client();
    const answer = await request(message.url, {
      method: "POST",
      headers: {
        ...headersOf(message),
        ...{ "content-type": "application/json", "user-agent": "meiduo-accounts" },
      },
      body: message.body,
      signal: AbortSignal.any([stop, AbortSignal.timeout(timeoutMillis)]),
      dispatcher,
    });
    const { statusCode: status } = answer;
    const isDelivered = status >= 200 && status < 300;
    return {
      status,
      answer: await beginningOf(answer.body),
      error: isDelivered ? null : status >= 300 && status < 400 ? "redirects are not followed" : null,
      retryAfterSeconds: isDelivered ? null : readRetryAfter(answer.headers["retry-after"], message.seconds),
    };
  }

  return {
    /** Never rejects: what went wrong is its result. `stop` cuts it off. */
    async send(message: Message, stop: AbortSignal): Promise<Attempt> {
      try {
        return await post(message, stop);
      } catch (error) {
        return { status: null, answer: null, error: errorLine(error).slice(0, 300), retryAfterSeconds: null };
      }
    },
    close: async () => (await opened)?.close(),
  };
}

/** While a secret is being replaced both sign. */
function headersOf({ id, seconds, body, secrets }: Message): Record<string, string> {
  const each = secrets.map((secret) => signedHeaders(secret, { id, seconds, body }));
  const signatures = each.map((headers) => headers["webhook-signature"]).join(" ");
  return { ...each[0], "webhook-signature": signatures };
}

interface Body extends AsyncIterable<Buffer> {
  destroy(): unknown;
  on(event: "error", listener: () => void): unknown;
}

async function beginningOf(body: Body): Promise<string> {
  // That it was cut off is an event, which ends a process that doesn't listen.
  body.on("error", () => {});
  const pieces: Buffer[] = [];
  let size = 0;
  try {
    for await (const piece of body) {
      pieces.push(piece);
      size += piece.length;
      if (size >= longestAnswer) break;
    }
  } finally {
    body.destroy();
  }
  return Buffer.concat(pieces).subarray(0, longestAnswer).toString("utf8").replaceAll("\0", "");
}

/** Seconds, or a date of HTTP (RFC 9110 section 10.2.3). */
function readRetryAfter(header: string | string[] | undefined, now: number): number | null {
  if (typeof header !== "string") return null;
  const seconds = /^\d{1,9}$/.test(header) ? Number(header) : Date.parse(header) / 1000 - now;
  return Number.isFinite(seconds) && seconds > 0 ? Math.min(seconds, longestPauseSeconds) : null;
}
