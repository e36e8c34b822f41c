import type { User } from "../accounts/record.ts";
import type { Asker } from "../devices/asker.ts";
import type { SecondFactorPolicy } from "../factors/second-factor-policy.ts";
import { judgeCookie, readCookieLineage, writeCookieLineage } from "./cookie-rule.ts";
import type { CookieTokens } from "./cookie-token.ts";
import { endOf, soonerEnd } from "./refresh.ts";
import { endReplayed, type ReplayDeps } from "./replayed.ts";
import { rotateSession } from "./rotation-store.ts";
import { endSession, findSessionWithUser, type SessionWithUser } from "./session-store.ts";
import { limitsOf, type Sessions, type SessionsDeps } from "./sessions.ts";

/**
 * Sessions in a cookie, for front ends that want no token in script. Promises: one read for a request, as with a token;
 * the cookie is renewed by its use, and replaced for good once its successor was shown (cookie-rule.ts), so that no lost
 * answer and no second tab ends the session; an older one that is shown ends it, which its owner is told; nothing outlives
 * the end that the log-in had. Attack: a copied cookie; guards: cookie-sessions.test.ts, cookie-sessions.race.test.ts.
 */
export interface CookieSessionsDeps
  extends Pick<SessionsDeps, "shortTokenLifeSeconds" | "sessionLimits">,
    ReplayDeps {
  readonly cookieTokens: CookieTokens;
  readonly sessions: Pick<Sessions, "noteSeen">;
  readonly secondFactorPolicy: Pick<SecondFactorPolicy, "isDueIn">;
}

/** A cookie's value, and for how long the browser is to keep it: seconds, or null for until it is closed. */
export interface NewCookie {
  readonly value: string;
  readonly lifeSeconds: number | null;
}

export interface CookieUse {
  readonly account: User & { readonly session_id: string };
  readonly lasts: boolean;
  /** What takes the place of the cookie; null while it is good. */
  readonly next: NewCookie | null;
}

export type CookieSessions = ReturnType<typeof createCookieSessions>;

/** Each turn lost is another request's gain, after which this one only follows. */
const mostTurns = 5;

export function createCookieSessions(deps: CookieSessionsDeps) {
  const { db, clock, log, cookieTokens } = deps;
  const renewAfterMillis = deps.shortTokenLifeSeconds * 1000;

  /** The session, if it and its account live. */
  async function find(id: string): Promise<SessionWithUser | null> {
    const found = await findSessionWithUser(db, id);
    if (found?.is_active !== 1 || found.session_version !== found.credentials_version) return null;
    const now = clock.now();
    const idle = found.session_idle_seconds ?? Number.POSITIVE_INFINITY;
    const lives = found.session_expires_at > now && found.session_seen_at + idle * 1000 > now;
    // Whoever acts in an owner's place has a token, and never a cookie.
    if (found.session_ended_at !== null || !lives || found.session_impersonator !== null) return null;
    const isDue = deps.secondFactorPolicy.isDueIn(found, found.session_factor);
    return isDue !== null && (await isDue) ? null : found;
  }

  /** False where another request came first. */
  async function write(
    found: SessionWithUser,
    next: Parameters<typeof writeCookieLineage>[0],
    asker: Asker,
  ): Promise<boolean> {
    const limits = limitsOf(found, deps.sessionLimits);
    try {
      const rotation = {
        ...{ id: found.session_id, version: found.session_version, from: found.session_counter },
        ...{ to: next.counter, rotations: writeCookieLineage(next), now: clock.now() },
        ...{ idleSeconds: limits.idleSeconds, userAgent: asker.userAgent, network: asker.network },
      };
      return await rotateSession(db, rotation, soonerEnd(rowOf(found), limits));
    } catch (error) {
      // The request has its answer without it, and the next one tries again: a full disk must not log anybody out.
      log.warn({ err: error }, "a session's new cookie could not be noted");
      return true;
    }
  }

  /** The absolute end under the present limits, epoch milliseconds. */
  function endIn(found: SessionWithUser): number {
    return endOf(rowOf(found), limitsOf(found, deps.sessionLimits));
  }

  function cookieOf(sessionId: string, number: number, lasts: boolean, endMillis: number): NewCookie {
    const value = cookieTokens.issue({ sessionId, number, lasts });
    return { value, lifeSeconds: lasts ? Math.floor((endMillis - clock.now()) / 1000) : null };
  }

  return {
    /** The first cookie of a session that was just opened. `end` in epoch seconds. */
    first: (session: { readonly id: string; readonly end: number }, lasts: boolean): NewCookie =>
      cookieOf(session.id, 0, lasts, session.end * 1000),

    /**
     * Whose session it is, and what becomes of its cookie. Null for what is none of ours, has ended or was replaced: that
     * counts as no cookie at all. `askerOf` is asked only when something is written.
     */
    async use(value: string, askerOf: () => Promise<Asker>): Promise<CookieUse | null> {
      const claims = cookieTokens.read(value);
      if (claims === null) return null;
      for (let turn = 0; turn < mostTurns; turn++) {
        const found = await find(claims.sessionId);
        if (found === null) return null;
        const { session_counter: counter, session_rotations: rotations, session_created_at: created } = found;
        const lineage = readCookieLineage(counter, rotations, created);
        const verdict = judgeCookie(lineage, claims.number, clock.now(), renewAfterMillis);
        if (verdict.kind === "replay") {
          const { session_id: id, session_user_agent: userAgent, session_network: network } = found;
          await endReplayed(deps, { id, userAgent, network }, found);
          return null;
        }
        if (verdict.becomes === null) await deps.sessions.noteSeen(found);
        else if (!(await write(found, verdict.becomes, await askerOf()))) continue;
        const { hands } = verdict;
        const next = hands === null ? null : cookieOf(found.session_id, hands, claims.lasts, endIn(found));
        return { account: found, lasts: claims.lasts, next };
      }
      return null;
    },

    /** Ends the session of a cookie that another one takes the place of, in the browser that showed it. */
    async end(value: string): Promise<void> {
      const claims = cookieTokens.read(value);
      const found = claims === null ? null : await find(claims.sessionId);
      if (found === null) return;
      await endSession(db, { id: found.session_id, userId: found.id, now: clock.now(), by: "log_in" });
    },
  };
}

const rowOf = (found: SessionWithUser) => ({
  ...{ created_at: found.session_created_at, expires_at: found.session_expires_at },
});
