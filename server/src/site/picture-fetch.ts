import { type OutgoingProxy, outgoingHttp } from "../engines/outgoing-http.ts";
import type { FetchPicture } from "./avatar-proxy.ts";

/** Pictures through the operator's outgoing proxy, as every request to a provider. */
export function fetchPicturesThrough(proxy: OutgoingProxy): {
  readonly fetchPicture: FetchPicture;
  close(): Promise<void>;
} {
  const outgoing = outgoingHttp(proxy);
  return {
    async fetchPicture(url, { redirect, credentials, headers, signal }) {
      const { dispatcher, fetch } = await outgoing.client();
      const answer = await fetch(url, {
        redirect,
        credentials,
        headers: Object.fromEntries(new Headers(headers)),
        signal,
        dispatcher,
      });
      // undici's answer is the platform's in all but its type.
      return answer as unknown as Response;
    },
    close: outgoing.close,
  };
}
