import type { FastifyReply, FastifyRequest } from "fastify";
import type { KnownDevices } from "../devices/known-devices.ts";
import type { CookieAuthenticator, SessionInCookie } from "../http/authentication.ts";
import { asksForCookie, type CookieGuard } from "../http/cookie-guard.ts";
import type { SessionCookie } from "../http/session-cookie.ts";
import type { CookieSessions, NewCookie } from "./cookie-sessions.ts";

/**
 * Between requests and sessions in a cookie: what a request asks for and brings, and the Set-Cookie of its answer.
 * Promises: the guard is asked before a cookie is looked at or made; a cookie that is no good counts as none and is
 * deleted, so it never keeps anybody from what is open to all. Guard: cookie-sessions.test.ts.
 */
export interface CookieAuthenticatorDeps {
  readonly guard: CookieGuard;
  readonly cookie: SessionCookie;
  readonly cookieSessions: CookieSessions;
  readonly devices: Pick<KnownDevices, "askerOf">;
}

/** What a way in is asked for: refresh tokens, or a cookie in place of every token. */
export interface Wish {
  /** Also: that the cookie lasts when the browser is closed. */
  readonly refresh?: boolean | undefined;
  /** Absent where none is asked for. `present` is what the request brought, null for nothing. */
  readonly cookie?: { readonly present: string | null } | undefined;
  /** The Authorization header that came along: a log-in ends the session that it names, which it takes the place of. */
  readonly shown?: string | undefined;
}

export type SessionCookies = ReturnType<typeof createSessionCookies>;

export function createSessionCookies(deps: CookieAuthenticatorDeps) {
  const { guard, cookie, cookieSessions, devices } = deps;
  const written = ({ value, lifeSeconds }: NewCookie) => cookie.write(value, lifeSeconds);

  const authenticate: CookieAuthenticator = async (request: FastifyRequest, reply: FastifyReply) => {
    if (!asksForCookie(request.headers)) return null;
    const value = cookie.read(request.headers.cookie);
    if (value === null) return null;
    await guard(request);
    const use = await cookieSessions.use(value, () => devices.askerOf(request));
    if (use === null) {
      reply.header("set-cookie", cookie.removal);
      return null;
    }
    if (use.next !== null) reply.header("set-cookie", written(use.next));
    const session_cookie: SessionInCookie = { lasts: use.lasts, removal: cookie.removal };
    return { ...use.account, session_cookie };
  };

  return {
    authenticate,

    /**
     * What a request to log in asks for. Every way in calls it first, because the guard may refuse. Errors: those of
     * `CookieGuard`.
     */
    async wishOf(request: FastifyRequest, refresh: boolean | undefined): Promise<Wish> {
      const shown = request.headers.authorization;
      if (!asksForCookie(request.headers)) return { refresh, shown };
      await guard(request);
      return { refresh, shown, cookie: { present: cookie.read(request.headers.cookie) } };
    },

    /** The Set-Cookie value of a session that was just opened. */
    first: (...session: Parameters<CookieSessions["first"]>): string =>
      written(cookieSessions.first(...session)),

    /** Ends the session whose place another one takes in this browser. */
    endPresent: async (present: string | null): Promise<void> => {
      if (present !== null) await cookieSessions.end(present);
    },
  };
}
