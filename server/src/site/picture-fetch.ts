import { type OutgoingClient, type OutgoingProxy, outgoingHttp } from "../engines/outgoing-http.ts";
import type { FetchPicture } from "./avatar-proxy.ts";

/** Pictures through the operator's outgoing proxy, as every request to a provider. */
export function fetchPicturesThrough(proxy: OutgoingProxy): {
  readonly fetchPicture: FetchPicture;
  close(): Promise<void>;
} {
  const outgoing = outgoingHttp(proxy);
  return { fetchPicture: fetchPicturesBy(outgoing.client), close: outgoing.close };
}

/** Pictures by this client, which is opened at the first one. */
export function fetchPicturesBy(client: () => Promise<OutgoingClient>): FetchPicture {
  return async (url, { redirect, credentials, headers, signal }) => {
    const { dispatcher, fetch } = await client();
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
}
