import { createHmac } from "node:crypto";
import { createVerifier, TokenError } from "fast-jwt";
import { isSameName } from "../accounts/account-field.ts";
import { isRandomVersion } from "../accounts/credentials-version.ts";
import type { User } from "../accounts/record.ts";
import type { Users } from "../accounts/users.ts";
import { AppError } from "../errors/errors.ts";
import type { Authenticator } from "../http/authentication.ts";
import { type Clock, epochSeconds } from "../kernel/clock.ts";
import { randomToken } from "../kernel/ids.ts";
import {
  type ForeignTokenRules,
  isOlderThanAccount,
  issueTime,
  livesTooLong,
  type TimeClaims,
} from "./foreign-token.ts";
import { otherKind } from "./token-kind.ts";

/**
 * Access tokens: JWT (RFC 7519), HS256 under the raw SECRET_KEY, readable by the mall's other Django
 * services, whose own tokens are accepted here. Promises: exactly one algorithm (attack: alg confusion and
 * `none`; guard: tokens.test.ts with recorded hostile tokens); what says that it is another kind of token opens
 * nothing (token-kind.ts); a token ends with its expiry, with a change of credentials, with its account. The account
 * is read on every request, so an end is immediate. No `iat`: see docs/adr/0006.
 *
 * fast-jwt verifies (measured 89,000/s, from its cache 247,000/s; jose 11,000-22,000/s for WebCrypto's round
 * trip). Signing is the one line of RFC 7515 section 5.1 that no library here writes with the header's order that
 * drf-jwt's clients were recorded with, except jose, at a tenth of a log-in's work beside the hash.
 */
export interface TokenDeps {
  readonly users: Users;
  readonly clock: Clock;
  readonly secretKey: string;
  readonly lifeSeconds: number;
  readonly foreign: ForeignTokenRules;
}

interface Claims extends TimeClaims {
  user_id?: unknown;
  username?: unknown;
  exp?: unknown;
  nbf?: unknown;
  token_type?: unknown;
  /** The credentials version the token was issued under; tokens of other services have none. */
  v?: unknown;
}

const header = base64url('{"typ":"JWT","alg":"HS256"}');

export type Tokens = ReturnType<typeof createTokens>;

export function createTokens({ users, clock, secretKey, lifeSeconds, foreign }: TokenDeps) {
  const key = Buffer.from(secretKey, "utf8");
  // Times are checked below against our clock on every use, so a cached result can't outlive its token.
  const verify = createVerifier({
    key,
    algorithms: ["HS256"],
    complete: true,
    ignoreExpiration: true,
    ignoreNotBefore: true,
    cache: 10_000,
    cacheTTL: 600_000,
  });

  /** A token for the account; `exp` is `lifeSeconds` from now. For sign-in/complete.ts alone (guard: tidy.test.ts). */
  async function issueAccessToken(
    user: Pick<User, "id" | "username" | "email" | "credentials_version">,
  ): Promise<string> {
    const now = epochSeconds(clock);
    const claims = {
      user_id: user.id,
      username: user.username,
      exp: now + lifeSeconds,
      email: user.email ?? "",
      jti: randomToken(9),
      v: user.credentials_version,
    };
    const signed = `${header}.${base64url(JSON.stringify(claims))}`;
    return `${signed}.${createHmac("sha256", key).update(signed).digest("base64url")}`;
  }

  /** The token's account. Errors: `token_*`, `account_disabled`. */
  async function authenticate(token: string): Promise<User> {
    const claims = decode(token);
    const { user_id: userId, exp } = claims;
    const username = usernameOf(claims);
    const id = typeof userId === "string" && /^\d{1,15}$/.test(userId) ? Number(userId) : userId;
    if (!Number.isSafeInteger(id)) throw new AppError("token_unknown_user");
    const user = await users.byId(id as number);
    // Both must agree: a database restored from elsewhere may have given the id to somebody else. Ours say whose they are
    // by a random version, so that a change of name ends none.
    const isOurs = isRandomVersion(claims.v) && claims.v === user?.credentials_version;
    if (user === null || (username !== null && !isOurs && !isSameName(user.username, username))) {
      throw new AppError("token_unknown_user");
    }
    if (user.is_active === 0) throw new AppError("account_disabled");
    if (!isCurrent(user, claims, exp as number)) throw new AppError("token_expired");
    return user;
  }

  /** Null where the id alone decides: a setting, and only for what says that it is an access token. */
  function usernameOf({ username, token_type, v }: Claims): string | null {
    if (typeof username === "string" && username !== "") return username;
    const mayLackIt = foreign.withoutUsername && username === undefined && v === undefined;
    if (mayLackIt && token_type === "access") return null;
    throw new AppError("token_payload");
  }

  function decode(token: string): Claims {
    let verified: { header: Readonly<Record<string, unknown>>; payload: Claims };
    try {
      verified = verify(token);
    } catch (error) {
      throw new AppError(refusalOf(error), { cause: error });
    }
    const claims = verified.payload;
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

  return { issueAccessToken, authenticate, authenticator };
}

function base64url(text: string): string {
  return Buffer.from(text).toString("base64url");
}

/** The original's answer for each kind of refusal, as recorded. */
function refusalOf(error: unknown): "token_refused" | "token_undecodable" {
  const code = error instanceof TokenError ? error.code : "";
  const refused: string[] = [TokenError.codes.invalidAlgorithm, TokenError.codes.missingSignature];
  return refused.includes(code) ? "token_refused" : "token_undecodable";
}
