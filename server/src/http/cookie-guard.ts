import type { IncomingHttpHeaders } from "node:http";
import type { FastifyRequest } from "fastify";
import { AppError } from "../errors/errors.ts";
import { isLoopbackHost } from "../kernel/own-addresses.ts";
import { isSameSite } from "../kernel/same-site.ts";
import type { IsListed } from "./cors.ts";
import { readHostHeader } from "./host-check.ts";

/**
 * Which requests may set, use, renew or end a session in a cookie. Attacks: a foreign page that lets a browser log in
 * (login CSRF), act or log out with the cookie it has (RFC 10017 section 6.1.3.3). Promises:
 *
 * - without the header `X-Meiduo-Session: cookie` no cookie is set and none is looked at, so forms, pictures, links and
 *   `no-cors` fetches do nothing, and front ends that know nothing of cookies are answered as ever;
 * - with it, the page's origin has to be on the list, under the API's own registrable domain, and `Sec-Fetch-Site` must
 *   not contradict; a browser sends the header from another origin only where CORS allowed it, which is a third bar.
 *
 * Guard: cookie-guard.test.ts.
 */
const header = "x-meiduo-session";

/** Whether the request is for a session in a cookie: the one to use, or the one to be made. */
export function asksForCookie(headers: IncomingHttpHeaders): boolean {
  return headers[header] === "cookie";
}

export interface CookieGuardOptions {
  readonly isListed: IsListed;
  readonly publicApiUrl: string;
  /** `path` turns off what ties a third-party log-in to its browser. */
  readonly stateMode: "signed" | "path";
}

/**
 * Throws where the request may not: `cookie_session_state`, `cookie_session_insecure`, `cookie_session_origin`,
 * `cookie_session_site`.
 */
export type CookieGuard = (request: FastifyRequest) => Promise<void>;

export function createCookieGuard({ isListed, publicApiUrl, stateMode }: CookieGuardOptions): CookieGuard {
  const api = new URL(publicApiUrl);

  /** As the browser knows it: over https by its public name, else by whichever of this machine's it was reached. */
  function reachedAt(request: FastifyRequest): URL {
    if (api.protocol === "https:") return api;
    const host = readHostHeader(request.headers.host ?? "");
    if (host === null || !isLoopbackHost(host)) throw new AppError("cookie_session_insecure");
    return new URL(`http://${host}`);
  }

  return async (request) => {
    if (stateMode === "path") throw new AppError("cookie_session_state");
    const reached = reachedAt(request);
    const { origin, "sec-fetch-site": site } = request.headers;
    if (origin === undefined) {
      // Browsers leave it out of a page's own GET alone, and say so by the other header where they have that.
      const isReading = request.method === "GET" || request.method === "HEAD";
      if (isReading && (site === undefined || site === "same-origin")) return;
      throw new AppError("cookie_session_origin", { parameters: { origin: "-" } });
    }
    const shown = origin.slice(0, 100);
    const isOwn = origin === api.origin;
    if (!isOwn && !isListed(origin, request.socket.localAddress)) {
      throw new AppError("cookie_session_origin", { parameters: { origin: shown } });
    }
    if (site === "cross-site" || !(await isSameSite(new URL(origin), reached))) {
      throw new AppError("cookie_session_site", { parameters: { origin: shown, api: reached.hostname } });
    }
  };
}
