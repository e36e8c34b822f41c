import { TokenError } from "fast-jwt";
import { isSameName } from "../accounts/account-field.ts";
import { isRandomVersion } from "../accounts/credentials-version.ts";
import type { User } from "../accounts/record.ts";
import type { Users } from "../accounts/users.ts";
import { AppError } from "../errors/errors.ts";
import type { SecondFactorPolicy } from "../factors/second-factor-policy.ts";
import type { Authenticator, Impersonator } from "../http/authentication.ts";
import { type Clock, epochSeconds } from "../kernel/clock.ts";
import { randomToken } from "../kernel/ids.ts";
import {
  type ForeignTokenRules,
  isOlderThanAccount,
  issueTime,
  livesTooLong,
  type TimeClaims,
} from "./foreign-token.ts";
import type { Impersonations } from "./impersonations.ts";
import type { Verify } from "./keys/key-ring.ts";
import type { SigningKeys } from "./keys/signing-keys.ts";
import { secondFactorOverdue } from "./second-factor-overdue.ts";
import type { SessionOfToken, Sessions } from "./sessions.ts";
import { otherKind } from "./token-kind.ts";

/**
 * Access tokens: JWT (RFC 7519), HS256 under the raw SECRET_KEY, readable by the mall's other Django services, whose own
 * tokens are accepted here; or by TOKEN_ALGORITHM under a key that others can verify with and not sign (keys/). Promises:
 * one algorithm for each key (attack: alg confusion and `none`; guards: tokens.test.ts with recorded hostile tokens,
 * token-keys.test.ts); what says that it is another kind of token opens nothing (token-kind.ts); a token ends with its
 * expiry, its session, a change of credentials, its account, its key. Account and session are read on every request, at
 * once, so an end is immediate. No `iat`: see docs/adr/0006.
 */
export interface TokenDeps {
  readonly users: Users;
  readonly sessions: Pick<Sessions, "userIn">;
  readonly clock: Clock;
  readonly signingKeys: Pick<SigningKeys, "ring" | "ringAgain">;
  readonly foreign: ForeignTokenRules;
  readonly secondFactorPolicy: Pick<SecondFactorPolicy, "isDue" | "isDueIn">;
  readonly impersonations: Pick<Impersonations, "impersonatorIn">;
}

interface Claims extends TimeClaims {
  user_id?: unknown;
  username?: unknown;
  exp?: unknown;
  nbf?: unknown;
  token_type?: unknown;
  /** The credentials version the token was issued under; tokens of other services have none. */
  v?: unknown;
  /** The session's id. Tokens of the version before sessions have none; another service's means nothing here. */
  sid?: unknown;
  /** Who acts in the owner's place (RFC 8693 section 4.1). Of ours the session says it; others' that have it are refused. */
  act?: unknown;
}

/** Whose token it is, and of which session. */
export type Recognised = User & {
  readonly session_id?: string | null;
  readonly session_factor?: string | null;
  readonly impersonator?: Impersonator;
};

export type Tokens = ReturnType<typeof createTokens>;

export function createTokens(deps: TokenDeps) {
  const { users, sessions, clock, signingKeys, foreign, secondFactorPolicy: policy } = deps;
  /**
   * A token for the account in its session. `impersonator`: the id of whoever of the staff has it in the owner's place, which it says, so
   * that other services can see and refuse (RFC 8693 section 4.1). For sign-in/complete.ts alone (guard: tidy.test.ts).
   */
  async function issueAccessToken(
    user: Pick<User, "id" | "username" | "email" | "credentials_version">,
    session: SessionOfToken,
    further: Readonly<Record<string, unknown>> = {},
    impersonator: number | null = null,
  ): Promise<string> {
    const claims = {
      user_id: user.id,
      username: user.username,
      exp: session.tokenEnd,
      email: user.email ?? "",
      // Without it drf-simplejwt takes no token; drf-jwt does not look at it.
      token_type: "access",
      jti: randomToken(9),
      v: user.credentials_version,
      sid: session.id,
      ...(impersonator !== null && { act: { sub: String(impersonator) } }),
      // Each has a namespace (hooks/hook-answers.ts), so none is one of ours.
      ...further,
    };
    const signer = (await signingKeys.ring()).signer(clock.now());
    if (signer === null) throw new AppError("unavailable", { retryAfterSeconds: 5 });
    const signed = `${signer.header}.${base64url(JSON.stringify(claims))}`;
    return `${signed}.${signer.sign(signed)}`;
  }

  /** The token's account. Errors: `token_*`, `account_disabled`. */
  async function authenticate(token: string): Promise<Recognised> {
    return recognise(read(token, await verifierOf(token)));
  }

  /** The same with the token's times, for who asks about another's. Errors: those of `authenticate`. */
  async function inspect(token: string): Promise<{
    readonly user: Recognised;
    /** Epoch seconds, as `iat`. */
    readonly exp: number;
    readonly iat: number | null;
    readonly sid: string | null;
  }> {
    const claims = read(token, await verifierOf(token));
    const user = await recognise(claims);
    const { exp, iat } = claims;
    return { user, exp: exp as number, iat: typeof iat === "number" ? iat : null, sid: sessionOf(claims) };
  }

  async function recognise(claims: Claims): Promise<Recognised> {
    const { user_id: userId, exp } = claims;
    const username = usernameOf(claims);
    const id = typeof userId === "string" && /^\d{1,15}$/.test(userId) ? Number(userId) : userId;
    if (!Number.isSafeInteger(id)) throw new AppError("token_unknown_user");
    const sid = sessionOf(claims);
    const user: (Recognised & { readonly session_impersonator?: number | null }) | null =
      sid === null ? await users.byId(id as number) : await sessions.userIn(sid, id as number);
    // Both must agree: a database restored from elsewhere may have given the id to somebody else. Ours say whose they are
    // by a random version, so that a change of name ends none.
    const isOurs = isRandomVersion(claims.v) && claims.v === user?.credentials_version;
    if (user === null || (username !== null && !isOurs && !isSameName(user.username, username))) {
      throw new AppError("token_unknown_user");
    }
    if (user.is_active === 0) throw new AppError("account_disabled");
    if (!isCurrent(user, claims, exp as number)) throw new AppError("token_expired");
    if (sid !== null && user.session_id !== sid) throw new AppError("token_expired");
    if (claims.v === undefined) {
      // Another service's word that somebody acts for this person: nobody here has heard of it.
      if (claims.act !== undefined) throw new AppError("token_refused");
      await expectTrusted(user);
      return user;
    }
    // What the owner must have, a second factor, whoever acts for them can't give.
    if (sid !== null && isImpersonated(user)) {
      return { ...user, impersonator: await deps.impersonations.impersonatorIn(user.id, sid) };
    }
    const isDue = policy.isDueIn(user, user.session_factor);
    if (isDue !== null && (await isDue)) throw secondFactorOverdue();
    return user;
  }

  /** Of another service, of whose log-in nobody knows what it asked for. Error: `second_factor_refused`. */
  async function expectTrusted(user: User): Promise<void> {
    if (foreign.trustsSecondFactor) return;
    if (user.second_factor_at === null && !(await policy.isDue(user))) return;
    throw new AppError("second_factor_refused", { answer: { code: "second_factor_required" } });
  }

  /** Null for a token without a session: of another service, or of the version before there were any. */
  function sessionOf({ sid, v }: Claims): string | null {
    if (v === undefined || sid === undefined) return null;
    if (typeof sid !== "string") throw new AppError("token_payload");
    return sid;
  }

  /** Null where the id alone decides: a setting, and only for what says that it is an access token. */
  function usernameOf({ username, token_type, v }: Claims): string | null {
    if (typeof username === "string" && username !== "") return username;
    const mayLackIt = foreign.withoutUsername && username === undefined && v === undefined;
    if (mayLackIt && token_type === "access") return null;
    throw new AppError("token_payload");
  }

  /** By the token's first part alone, which is the same in every token of a key. Error: `token_refused`. */
  async function verifierOf(token: string): Promise<Verify> {
    const header = token.slice(0, Math.max(0, token.indexOf(".")));
    const now = clock.now();
    const found = (await signingKeys.ring()).verifier(header, now);
    // Another process may have brought a key into use at once.
    const verify = found ?? (await signingKeys.ringAgain()).verifier(header, now);
    if (verify === null) throw new AppError("token_refused", { cause: new Error("its key is over") });
    return verify;
  }

  function read(token: string, verify: Verify): Claims {
    let verified: ReturnType<Verify>;
    try {
      verified = verify(token);
    } catch (error) {
      throw new AppError(refusalOf(error), { cause: error });
    }
    const claims = verified.payload as Claims;
    const kind = otherKind(verified.header, claims as Readonly<Record<string, unknown>>);
    if (kind !== null)
      throw new AppError("token_refused", { cause: new Error(`not an access token: ${kind}`) });
    const { exp, nbf } = claims;
    const now = epochSeconds(clock);
    if (exp === undefined) throw new AppError("token_refused");
    if (typeof exp !== "number" || !Number.isFinite(exp)) throw new AppError("token_undecodable");
    if (now >= exp) throw new AppError("token_expired");
    if (nbf !== undefined && !(typeof nbf === "number" && nbf <= now)) throw new AppError("token_refused");
    return claims;
  }

  /** Whether the credentials are still those the token was issued under. */
  function isCurrent(user: User, claims: Claims, exp: number): boolean {
    if (claims.v !== undefined) return claims.v === user.credentials_version;
    const now = epochSeconds(clock);
    if (livesTooLong(exp, now, foreign)) throw new AppError("token_refused");
    if (isOlderThanAccount(claims, now, user.joined_at)) throw new AppError("token_unknown_user");
    if (user.credentials_changed_at === null) return true;
    return issueTime(claims, exp, now, foreign) * 1000 >= user.credentials_changed_at;
  }

  /** `Authorization: JWT <token>` and `Bearer <token>`, scheme in any case. */
  const authenticator: Authenticator = {
    name: "jwt",
    async authenticate(authorization) {
      const parts = authorization.trim().split(/\s+/);
      if (!/^(jwt|bearer)$/i.test(parts[0] ?? "")) return null;
      if (parts.length === 1) throw new AppError("token_missing");
      if (parts.length > 2) throw new AppError("token_has_spaces");
      return authenticate(parts[1]!);
    },
  };

  return { issueAccessToken, authenticate, inspect, authenticator };
}

const isImpersonated = (user: { readonly session_impersonator?: number | null }): boolean =>
  typeof user.session_impersonator === "number";

function base64url(text: string): string {
  return Buffer.from(text).toString("base64url");
}

/** The original's answer for each kind of refusal, as recorded. */
function refusalOf(error: unknown): "token_refused" | "token_undecodable" {
  const code = error instanceof TokenError ? error.code : "";
  const refused: string[] = [TokenError.codes.invalidAlgorithm, TokenError.codes.missingSignature];
  return refused.includes(code) ? "token_refused" : "token_undecodable";
}
