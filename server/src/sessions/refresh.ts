import type { User } from "../accounts/record.ts";
import type { Asker } from "../devices/asker.ts";
import { AppError } from "../errors/errors.ts";
import type { SecondFactorPolicy } from "../factors/second-factor-policy.ts";
import type { RefreshClaims, RefreshTokens } from "./refresh-token.ts";
import { createRefusals } from "./refusals.ts";
import { findRenewable } from "./renewable-store.ts";
import { endReplayed, type ReplayDeps } from "./replayed.ts";
import { judge, type Lineage, readRotations, writeRotations } from "./rotation.ts";
import { rotateSession } from "./rotation-store.ts";
import { secondFactorOverdue } from "./second-factor-overdue.ts";
import { type SessionRow, writeSeen } from "./session-store.ts";
import { limitsOf, type Opened, type SessionsDeps } from "./sessions.ts";
import type { SessionLimits } from "./settings.ts";

/**
 * Renewing a session by its refresh token. Promises: one statement replaces the token, so of many at once one does and
 * the others are given what it was given; a lost answer can be asked for again for 30 seconds (rotation.ts); a token
 * that was replaced earlier ends the session, which its owner is told by mail and the audit log keeps, once; nothing
 * outlives the end that the log-in had. A refusal costs one read and no write, and soon none of either (refusals.ts).
 * Attack: a copied refresh token; guards: refresh.test.ts, sessions.race.test.ts, refused-refresh.test.ts.
 */
export interface RefreshDeps
  extends Pick<SessionsDeps, "shortTokenLifeSeconds" | "sessionLimits">,
    ReplayDeps {
  readonly refreshTokens: RefreshTokens;
  readonly secondFactorPolicy: Pick<SecondFactorPolicy, "isDue">;
}

export interface Refreshed extends Opened {
  readonly account: User;
}

export type Refresh = ReturnType<typeof createRefresh>;

/** Each turn lost is another request's gain, after which this one only repeats: two are enough but for a rolled-back row. */
const mostTurns = 5;

export function createRefresh(deps: RefreshDeps) {
  const { db, clock, refreshTokens } = deps;
  const refusals = createRefusals(clock);

  /** Whose token it is, as far as it tells. Errors: `refresh_token_invalid`, `throttled`. */
  function read(token: string, network: string): RefreshClaims {
    const claims = refreshTokens.read(token);
    refusals.admit(network, claims?.sessionId ?? null);
    if (claims !== null) return claims;
    refusals.note(network, null);
    throw refused("foreign");
  }

  /** What `work` returns; a refusal is counted. */
  async function counted<Result>(
    work: Promise<Result>,
    { sessionId }: RefreshClaims,
    network: string,
  ): Promise<Result> {
    try {
      return await work;
    } catch (error) {
      if (error instanceof AppError && error.definition.status === 401) refusals.note(network, sessionId);
      throw error;
    }
  }

  /** The session and its account, both alive. Errors: `refresh_token_invalid`, `second_factor_overdue`. */
  async function find({ sessionId, userId }: RefreshClaims): Promise<{ row: SessionRow; account: User }> {
    const { account, row } = await findRenewable(db, { id: sessionId, userId });
    if (account?.is_active !== 1) throw refused("gone");
    const isTheirs = row?.credentials_version === account.credentials_version;
    if (!isTheirs || row.ended_at !== null) throw refused("ended");
    if (!lives(row, limitsOf(account, deps.sessionLimits), clock.now())) throw refused("expired");
    const lacksFactor = row.factor === null && (await deps.secondFactorPolicy.isDue(account));
    if (lacksFactor) throw secondFactorOverdue();
    return { row, account };
  }

  /** False where another request came first. */
  function rotate(row: SessionRow, account: User, next: Lineage, asker: Asker): Promise<boolean> {
    const limits = limitsOf(account, deps.sessionLimits);
    const rotation = {
      ...{ id: row.id, version: row.credentials_version, from: row.counter, to: next.counter },
      ...{ rotations: writeRotations(next.rotations), now: clock.now() },
      ...{ idleSeconds: limits.idleSeconds, userAgent: asker.userAgent, network: asker.network },
    };
    return rotateSession(db, rotation, soonerEnd(row, limits));
  }

  async function renew(claims: RefreshClaims, asker: Asker, rotates: boolean): Promise<Refreshed> {
    for (let turn = 0; turn < mostTurns; turn++) {
      const { row, account } = await find(claims);
      const lineage = { counter: row.counter, rotations: readRotations(row.rotations) };
      const verdict = judge(lineage, claims.number, clock.now());
      if (verdict.kind === "replay") {
        await endReplayed(deps, { id: row.id, userAgent: row.user_agent, network: row.network }, account);
        throw new AppError("refresh_token_reused");
      }
      if (verdict.kind === "repeat") return answer(row, account, row.counter);
      if (!rotates && claims.number === row.counter) {
        await writeSeen(db, { id: row.id, now: clock.now(), before: clock.now() });
        return answer(row, account, row.counter);
      }
      if (await rotate(row, account, verdict.next, asker)) return answer(row, account, verdict.next.counter);
    }
    throw new AppError("unavailable");
  }

  return {
    /**
     * For those who only look: whose token it is, if it is the good one of a session that lives; `network` is the
     * caller's. Errors as for `refresh`.
     */
    async check(token: string, network: string): Promise<{ userId: number; sessionId: string }> {
      const claims = read(token, network);
      const { row } = await counted(find(claims), claims, network);
      // Its session lives, so nothing is counted for that.
      if (claims.number < row.counter) throw new AppError("refresh_token_reused");
      return claims;
    },

    /**
     * The session's next tokens. For sign-in/complete.ts alone. Errors: `refresh_token_invalid` for what is none of
     * ours or of a session that has ended, `second_factor_overdue` where the account must have a second factor by now, `refresh_token_reused` for one replaced before, `throttled` where such
     * refusals were many, `unavailable`. Without `rotates` the token stays the good one: a copy of it is then not noticed.
     */
    async refresh(token: string, asker: Asker, { rotates = true } = {}): Promise<Refreshed> {
      const claims = read(token, asker.network);
      return counted(renew(claims, asker, rotates), claims, asker.network);
    },
  };

  function answer(row: SessionRow, account: User, number: number): Refreshed {
    const exp = Math.floor(endOf(row, limitsOf(account, deps.sessionLimits)) / 1000);
    const tokenEnd = Math.min(exp, Math.floor(clock.now() / 1000) + deps.shortTokenLifeSeconds);
    const claims = { sessionId: row.id, userId: account.id, number, exp };
    return { id: row.id, tokenEnd, end: exp, refreshToken: refreshTokens.issue(claims), account };
  }
}

/** Its absolute end under the present limits: they may have become shorter, with the account's standing too. */
export function endOf(
  row: Pick<SessionRow, "created_at" | "expires_at">,
  { lifeSeconds }: SessionLimits,
): number {
  return Math.min(row.expires_at, row.created_at + lifeSeconds * 1000);
}

/** Its end where the present limits make it come sooner than the row says, else null. */
export function soonerEnd(row: Pick<SessionRow, "created_at" | "expires_at">, limits: SessionLimits) {
  const end = endOf(row, limits);
  return end === row.expires_at ? null : end;
}

/** `reason` is for who words it otherwise (sign-in/simplejwt-routes.ts); our own answer tells none. */
function refused(reason: "foreign" | "gone" | "ended" | "expired"): AppError {
  return new AppError("refresh_token_invalid", { parameters: { reason } });
}

function lives(row: SessionRow, limits: SessionLimits, now: number): boolean {
  if (row.idle_seconds === null || endOf(row, limits) <= now) return false;
  return row.last_seen_at + Math.min(row.idle_seconds, limits.idleSeconds) * 1000 > now;
}
