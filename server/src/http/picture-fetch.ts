import type { FetchPicture } from "./avatar-proxy.ts";

/**
 * Pictures through the operator's outgoing proxy (HTTPS_PROXY, HTTP_PROXY, NO_PROXY), as every request to a provider.
 * The client is loaded by the first picture: most starts never need it.
 */
export interface OutgoingProxy {
  readonly http: string;
  readonly https: string;
  readonly except: string;
}

export function fetchPicturesThrough(proxy: OutgoingProxy): {
  readonly fetchPicture: FetchPicture;
  close(): Promise<void>;
} {
  let opened: Promise<{ fetchPicture: FetchPicture; close(): Promise<void> }> | null = null;
  return {
    async fetchPicture(url, init) {
      opened ??= open(proxy);
      return (await opened).fetchPicture(url, init);
    },
    close: async () => (await opened)?.close(),
  };
}

async function open({ http, https, except }: OutgoingProxy) {
  const { EnvHttpProxyAgent, fetch } = await import("undici");
  const dispatcher = new EnvHttpProxyAgent({ httpProxy: http, httpsProxy: https, noProxy: except });
  const fetchPicture: FetchPicture = async (url, { redirect, credentials, headers, signal }) => {
    const answer = await fetch(url, {
      redirect,
      credentials,
      headers: Object.fromEntries(new Headers(headers)),
      signal,
      dispatcher,
    });
    // undici's answer is the platform's in all but its type.
    return answer as unknown as Response;
  };
  return { fetchPicture, close: () => dispatcher.destroy() };
}
