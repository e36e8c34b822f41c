import { type OutgoingClient, type OutgoingProxy, outgoingHttp } from "../../engines/outgoing-http.ts";
import { readBody } from "../../kernel/read-body.ts";
import { ProviderTrouble } from "./provider.ts";

/**
 * Outgoing HTTP to providers. Promise: an exchange (all calls of one log-in) ends within its time limit, no
 * answer above the size limit is kept in memory, redirects are never followed (a provider's token endpoint
 * has no reason to send us elsewhere: SSRF), and every failure is a ProviderTrouble. Never logs an address:
 * QQ's and WeChat's carry the client secret in the query.
 *
 * Guarding tests: upstream.test.ts.
 */
export interface Upstream {
  /** Starts the clock of one log-in; its calls share one limit, so that three slow answers don't add up. */
  begin(): Exchange;
  /** Loads what the first exchange would otherwise load. */
  load(): Promise<void>;
  close(): Promise<void>;
}

export interface Exchange {
  send(call: UpstreamCall): Promise<UpstreamAnswer>;
}

export interface UpstreamCall {
  /** What the log calls it: "token", "me", "profile". */
  readonly step: string;
  readonly method: "GET" | "POST" | "DELETE";
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as application/x-www-form-urlencoded. */
  readonly form?: Readonly<Record<string, string>>;
  /** Sent as application/json. */
  readonly json?: Readonly<Record<string, string>>;
  /**
   * True for plain reads: those are tried a second time when the connection breaks. Trading a code never is:
   * the provider may have used the code up before the connection broke. A connection that was never made is
   * tried again for both, nothing having been sent.
   */
  readonly repeatable: boolean;
}

export interface UpstreamAnswer {
  readonly status: number;
  readonly contentType: string;
  /** Decoded as UTF-8 whatever the header says: WeChat sends text/plain without a charset. */
  readonly text: string;
}

export interface UpstreamOptions {
  /** For one whole exchange. */
  readonly timeoutMillis: number;
  readonly connectTimeoutMillis: number;
  readonly maxBytes: number;
  readonly proxy: OutgoingProxy;
}

export const upstreamDefaults = {
  timeoutMillis: 5000,
  connectTimeoutMillis: 3000,
  maxBytes: 64 * 1024,
} as const;

export function createUpstream(options: UpstreamOptions): Upstream {
  const outgoing = outgoingHttp(options.proxy, {
    connect: { timeout: options.connectTimeoutMillis },
    // A connection the provider closed while it was idle would fail the one call that can't be repeated.
    keepAliveTimeout: 1000,
    keepAliveMaxTimeout: 1000,
  });
  return {
    begin() {
      const signal = AbortSignal.timeout(options.timeoutMillis);
      return {
        send: async (call) => send(await outgoing.client(), call, signal, options.maxBytes),
      };
    },
    load: async () => {
      await outgoing.client();
    },
    close: outgoing.close,
  };
}

async function send(
  client: OutgoingClient,
  call: UpstreamCall,
  signal: AbortSignal,
  maxBytes: number,
): Promise<UpstreamAnswer> {
  try {
    return await once(client, call, signal, maxBytes);
  } catch (error) {
    if (!mayRepeat(error, call, signal)) throw asTrouble(error, call, signal);
  }
  try {
    return await once(client, call, signal, maxBytes);
  } catch (error) {
    throw asTrouble(error, call, signal);
  }
}

async function once(
  client: OutgoingClient,
  call: UpstreamCall,
  signal: AbortSignal,
  maxBytes: number,
): Promise<UpstreamAnswer> {
  const form = call.form ? new URLSearchParams(call.form).toString() : null;
  const json = call.json ? JSON.stringify(call.json) : null;
  const response = await client.request(call.url, {
    dispatcher: client.dispatcher,
    method: call.method,
    signal,
    body: form ?? json,
    headers: {
      // GitHub answers 403 without a User-Agent.
      "user-agent": "meiduo-accounts",
      ...(form === null ? {} : { "content-type": "application/x-www-form-urlencoded" }),
      ...(json === null ? {} : { "content-type": "application/json" }),
      ...call.headers,
    },
  });
  // Giving a body up makes it emit an error; nobody listening would end the process.
  response.body.on("error", () => {});
  if (response.statusCode >= 300 && response.statusCode < 400) {
    response.body.destroy();
    throw new ProviderTrouble("redirect", `${call.step}: redirect ${response.statusCode} not followed`);
  }
  const tooLarge = () => new ProviderTrouble("too_large", `${call.step}: answer above ${maxBytes} bytes`);
  const content = await readBody(response.body, maxBytes, tooLarge);
  return {
    status: response.statusCode,
    contentType: String(response.headers["content-type"] ?? ""),
    text: new TextDecoder().decode(content),
  };
}

const neverConnected = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "ENETUNREACH"]);
const connectionBroke = new Set(["ECONNRESET", "EPIPE", "UND_ERR_SOCKET"]);

function mayRepeat(error: unknown, call: UpstreamCall, signal: AbortSignal): boolean {
  if (signal.aborted || error instanceof ProviderTrouble) return false;
  const code = codeOf(error);
  return neverConnected.has(code) || (call.repeatable && connectionBroke.has(code));
}

function asTrouble(error: unknown, call: UpstreamCall, signal: AbortSignal): ProviderTrouble {
  if (error instanceof ProviderTrouble) return error;
  const code = codeOf(error);
  if (signal.aborted || /TIMEOUT/.test(code)) {
    return new ProviderTrouble("timeout", `${call.step}: no answer in time`);
  }
  return new ProviderTrouble("connection", `${call.step}: connection failed (${code})`);
}

function codeOf(error: unknown): string {
  const { code, cause } = error as { code?: unknown; cause?: unknown };
  if (typeof code === "string") return code;
  return cause ? codeOf(cause) : "unknown";
}
