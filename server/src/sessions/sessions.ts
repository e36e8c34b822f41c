import type { User } from "../accounts/record.ts";
import type { Users } from "../accounts/users.ts";
import type { Asker } from "../devices/asker.ts";
import type { Db } from "../engines/database/database.ts";
import { AppError } from "../errors/errors.ts";
import type { GivenFactor } from "../factors/given-factor.ts";
import { type Clock, epochSeconds } from "../kernel/clock.ts";
import { randomToken } from "../kernel/ids.ts";
import type { Log } from "../kernel/log.ts";
import { displaceSessions } from "./displaced-store.ts";
import { lastSeenIn } from "./last-seen-store.ts";
import type { RefreshTokens } from "./refresh-token.ts";
import {
  endOtherSessions,
  endSession,
  findSession,
  findUserInSession,
  insertSession,
  liveSessions,
  purgeSessions,
  type SessionRow,
  type UserInSession,
  writeProved,
  writeSeen,
} from "./session-store.ts";
import type { SessionLimits } from "./settings.ts";

/**
 * Sessions: a row for every log-in, opened by the door alone. Promises: each access token of ours names its session, and
 * what ends the row ends the token with the next request; a change of the account's credentials ends them all, without a
 * write here, because each carries the version it was opened under. What authenticates one request only (HTTP Basic, a
 * token of another service) has no row. A session has refresh tokens where its client asked for them, and then an end
 * by being idle and a place among those an account may have; without them it lasts as long as its one token. Ended rows
 * are kept for a week, so that somebody who asks what happened can be told. Guards: sessions.test.ts,
 * refresh.test.ts, sessions.race.test.ts.
 */
export interface SessionsDeps {
  readonly db: Db;
  readonly clock: Clock;
  readonly log: Log;
  readonly users: Users;
  readonly refreshTokens: RefreshTokens;
  /** Life in seconds of a session without refresh tokens: that of its one token. */
  readonly tokenLifeSeconds: number;
  readonly shortTokenLifeSeconds: number;
  readonly sessionLimits: { readonly visitors: SessionLimits; readonly staff: SessionLimits };
  readonly sessionsPerAccount: number;
}

/** How an account was proved to be somebody's, and what its client asked for. */
export interface Opening {
  readonly way: string;
  readonly provider: string | null;
  /** Refresh tokens, or a cookie that lasts: limits of their own, and a longer life. */
  readonly wantsRefresh: boolean;
  /** The session in a cookie: no tokens, whatever else was asked for. */
  readonly wantsCookie?: boolean;
  /** The second factor that was given, too. */
  readonly factor?: GivenFactor | null;
}

/** What the door is given. */
export interface Opened {
  readonly id: string;
  /** Until when its access token may live, epoch seconds. */
  readonly tokenEnd: number;
  /** The session's absolute end, epoch seconds. */
  readonly end: number;
  /** Null where none was asked for. */
  readonly refreshToken: string | null;
}

/** What an access token says of its session. */
export type SessionOfToken = Pick<Opened, "id" | "tokenEnd">;

export type SessionOwner = Pick<User, "id" | "credentials_version">;

/**
 * Who ended a session by a wish: by its own log-out, from another device, as an administrator, or whoever logged in in its
 * browser.
 */
export type EndedBy = "log_out" | "owner" | "staff" | "log_in" | "impersonator";

export type Sessions = ReturnType<typeof createSessions>;

/** How long an ended session is kept. */
const keepEndedMillis = 7 * 86_400_000;

/** A session that is in use is noted at most this often. */
const seenEveryMillis = 600_000;

export function createSessions(deps: SessionsDeps) {
  const { db, clock, log, users, refreshTokens } = deps;

  /** Once every ten minutes, or often enough for its idle end to be told. */
  async function noteSeen(
    session: Pick<UserInSession, "session_id" | "session_seen_at" | "session_idle_seconds">,
  ): Promise<void> {
    const { session_id: id, session_seen_at: seenAt, session_idle_seconds: idle } = session;
    if (id === null || seenAt === null) return;
    const every = Math.min(seenEveryMillis, ((idle ?? Number.POSITIVE_INFINITY) * 1000) / 10);
    const now = clock.now();
    if (now - seenAt < every) return;
    try {
      await writeSeen(db, { id, now, before: now - every });
    } catch (error) {
      // The request has its answer without it: a full disk must not log readers out.
      log.warn({ err: error }, "a session's last request could not be noted");
    }
  }

  /** With refresh tokens: the account is locked, so that of many log-ins at once none counts without the others. */
  async function insertLimited(
    account: User,
    row: Parameters<typeof insertSession>[1],
    now: number,
  ): Promise<void> {
    await db.transaction(async (transaction) => {
      await users.lock(transaction, account.id);
      await insertSession(transaction, row);
      await displaceSessions(transaction, {
        ...{ userId: account.id, version: account.credentials_version, id: row.id },
        ...{ most: deps.sessionsPerAccount, now },
      });
    });
  }

  return {
    /** Opens a session for an account that was proved now. For sign-in/complete.ts alone. */
    async open(account: User, opening: Opening, asker: Asker): Promise<Opened> {
      const { way, provider, wantsRefresh, wantsCookie = false, factor = null } = opening;
      const now = clock.now();
      const id = randomToken();
      const limits = limitsOf(account, deps.sessionLimits);
      const epoch = Math.floor(now / 1000);
      const shortLife = wantsCookie
        ? Math.min(deps.tokenLifeSeconds, limits.lifeSeconds)
        : deps.tokenLifeSeconds;
      const end = epoch + (wantsRefresh ? limits.lifeSeconds : shortLife);
      // What is renewed by its use ends by being idle, and has a place among the account's.
      const isRenewed = wantsRefresh || wantsCookie;
      const row = {
        ...{ id, user_id: account.id, credentials_version: account.credentials_version },
        ...{ way, provider, user_agent: asker.userAgent, network: asker.network },
        ...{ created_at: now, last_seen_at: now, expires_at: end * 1000 },
        idle_seconds: isRenewed ? limits.idleSeconds : null,
        ...{ proved_at: now, factor, impersonator_id: null, impersonator_session: null },
      };
      if (isRenewed) await insertLimited(account, row, now);
      else await insertSession(db, row);
      if (!wantsRefresh || wantsCookie) return { id, tokenEnd: end, end, refreshToken: null };
      const claims = { sessionId: id, userId: account.id, number: 0, exp: end };
      const tokenEnd = Math.min(end, epoch + deps.shortTokenLifeSeconds);
      return { id, tokenEnd, end, refreshToken: refreshTokens.issue(claims) };
    },

    /**
     * Until when another access token of the session may live, for one whose account changed its name; null where it is
     * no session of the account.
     */
    async goOn(id: string, userId: number): Promise<SessionOfToken | null> {
      const row = await findSession(db, id);
      if (row === null || row.user_id !== userId) return null;
      const life = row.idle_seconds === null ? deps.tokenLifeSeconds : deps.shortTokenLifeSeconds;
      return { id, tokenEnd: Math.min(Math.floor(row.expires_at / 1000), epochSeconds(clock) + life) };
    },

    /**
     * When its owner proved themselves last, epoch milliseconds, and the second factor they gave; null where it is no session
     * of the account, or has ended.
     */
    async proofIn(id: string, userId: number): Promise<{ provedAt: number; factor: string | null } | null> {
      const row = await findSession(db, id);
      if (row === null || row.user_id !== userId || row.ended_at !== null) return null;
      return { provedAt: row.proved_at ?? row.created_at, factor: row.factor };
    },

    /** Its owner proved themselves now; a second factor that was given before stays noted where none was now. */
    prove: (id: string, userId: number, factor: GivenFactor | null): Promise<void> =>
      writeProved(db, { id, userId, factor, now: clock.now() }),

    /** The account of a token of that session; its `session_id` is null where the session has ended. */
    async userIn(id: string, userId: number): Promise<UserInSession | null> {
      const user = await findUserInSession(db, { userId, id, now: clock.now() });
      if (user !== null) await noteSeen(user);
      return user;
    },

    noteSeen,

    /** When its owner used any session of the account last, ten minutes exact, epoch milliseconds; those that ended lately, too. */
    lastSeenAt: ({ id, credentials_version }: SessionOwner): Promise<number | null> =>
      lastSeenIn(db, { userId: id, version: credentials_version }),

    /** The account's sessions that live, the one used last first; at most 100. */
    list: ({ id, credentials_version }: SessionOwner): Promise<SessionRow[]> =>
      liveSessions(db, { userId: id, version: credentials_version, now: clock.now() }),

    /**
     * Ends one session of the account; whether it was one in which somebody acted in the owner's place. Error: `not_found` for one
     * that has ended or is none of theirs.
     */
    async end(userId: number, id: string, by: EndedBy, from: Db = db): Promise<boolean> {
      const ended = await endSession(from, { id, userId, now: clock.now(), by });
      if (ended === null) throw new AppError("not_found");
      return ended.impersonator_id !== null;
    },

    /**
     * Ends every session of the account but the one of `keep`, and returns how many. Tokens of another service, and
     * those of the version before sessions, have none: they go with `account.endTokens` alone.
     */
    endOthers: ({ id, credentials_version }: SessionOwner, keep: string): Promise<number> =>
      endOtherSessions(db, {
        ...{ userId: id, version: credentials_version, keep },
        ...{ now: clock.now(), by: "owner" },
      }),

    /** Removes up to `limit` sessions that ended a week ago. */
    purge: (limit: number): Promise<number> => purgeSessions(db, clock.now() - keepEndedMillis, limit),
  };
}

/** Of who the account is now: a promotion shortens its sessions with their next refresh. */
export function limitsOf(
  { is_staff, is_superuser }: Pick<User, "is_staff" | "is_superuser">,
  { visitors, staff }: SessionsDeps["sessionLimits"],
): SessionLimits {
  return is_staff === 1 || is_superuser === 1 ? staff : visitors;
}
