import type { EnvHttpProxyAgent } from "undici";

/**
 * The one opener of HTTP to the outside: through the operator's proxy (HTTPS_PROXY, HTTP_PROXY, NO_PROXY), straight
 * to this machine itself. The client is loaded by the first use: most starts never need it, and it is a fifth of
 * what a start would read. What may be asked and how long it may take is the caller's.
 */
export interface OutgoingProxy {
  readonly http: string;
  readonly https: string;
  readonly except: string;
}

type Undici = typeof import("undici");

export interface OutgoingClient {
  readonly dispatcher: EnvHttpProxyAgent;
  readonly request: Undici["request"];
  readonly fetch: Undici["fetch"];
}

export interface OutgoingHttp {
  client(): Promise<OutgoingClient>;
  /** Breaks what is under way. */
  close(): Promise<void>;
}

export function outgoingHttp(
  proxy: OutgoingProxy,
  limits: Omit<EnvHttpProxyAgent.Options, "httpProxy" | "httpsProxy" | "noProxy"> = {},
): OutgoingHttp {
  let opened: Promise<OutgoingClient> | null = null;
  async function open(): Promise<OutgoingClient> {
    const { EnvHttpProxyAgent, fetch, request } = await import("undici");
    const dispatcher = new EnvHttpProxyAgent({
      ...limits,
      ...{ httpProxy: proxy.http, httpsProxy: proxy.https },
      // The sandbox and anything else on this machine is never reached through a proxy.
      noProxy: [proxy.except, "127.0.0.1", "localhost", "::1"].filter(Boolean).join(","),
    });
    return { dispatcher, request, fetch };
  }
  return {
    client() {
      opened ??= open().catch((error) => {
        // The next caller tries again.
        opened = null;
        throw error;
      });
      return opened;
    },
    close: async () => (await opened)?.dispatcher.destroy(),
  };
}
