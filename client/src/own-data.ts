/** What is kept about oneself, and the end of the own account. */
import type { EndpointCall } from "./endpoint.ts";
import type { CallOptions } from "./transport.ts";
import type { Body } from "./wire.ts";

export function ownDataCalls(call: EndpointCall) {
  return {
    /** Asks for everything that is kept about oneself; once a day. A mail says when it is ready. */
    askForData: (more?: CallOptions) =>
      call("POST /user/export/", { authenticated: true, cookies: true }, more),

    /** What was asked for in the last days; `state` is `preparing` or `ready`. */
    dataExports: (more?: CallOptions) =>
      call("GET /user/export/", { authenticated: true, repeatable: true }, more),

    /** The ZIP of one that is ready. Needs fetch: a mini program sends its reader to the site. */
    downloadData: (id: string, more?: CallOptions) =>
      call(
        "GET /user/export/{export}/",
        { path: { export: id }, authenticated: true, binary: true },
        more,
      ) as Promise<unknown> as Promise<ArrayBuffer>,

    /**
     * Deletes the own account: every session ends now, and it is erased at `erased_at`. Until then a log-in is refused as
     * `deletion_pending`, whose `step` {@link keepAccount} takes.
     */
    deleteAccount: (form: Body<"/user/deletion/", "post"> = {}, more?: CallOptions) =>
      call("POST /user/deletion/", { body: form, authenticated: true, cookies: true }, more),

    /** Keeps an account whose deletion waits, at the `step` of a refused log-in, and answers as that would have. */
    keepAccount: (step: string, more: CallOptions & { readonly refresh?: boolean } = {}) =>
      call(
        "POST /users/deletion/cancel/",
        { body: { step, ...(more.refresh && { refresh: true }) }, replaces: true, cookies: true },
        more,
      ),
  };
}
