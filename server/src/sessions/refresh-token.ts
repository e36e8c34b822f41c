import { createHmac } from "node:crypto";
import { constantTimeAny } from "../kernel/constant-time.ts";
import { deriveKeys, type SecretKeys } from "../kernel/keys.ts";

/**
 * Refresh tokens: a session's id and a number, under a MAC with a key of their own. Promises: nothing is stored that
 * could be shown in their place, so a stolen table renews nothing; the same number is always the same token, so an
 * answer that was lost can be given again; what was not issued here is refused before the database is asked. They have
 * the form of a JWT, because clients read its `exp`, but no service that shares SECRET_KEY can verify them: there they
 * would pass for access tokens (drf-jwt looks at no `token_type`).
 */
export interface RefreshClaims {
  readonly sessionId: string;
  readonly userId: number;
  /** Which of the session's tokens it is; the first is 0. */
  readonly number: number;
  /** The session's end, epoch seconds. */
  readonly exp: number;
}

const header = base64url('{"typ":"JWT","alg":"HS256"}');

export type RefreshTokens = ReturnType<typeof createRefreshTokens>;

export function createRefreshTokens(secretKeys: SecretKeys) {
  const keys = deriveKeys(secretKeys, "refresh token");
  const signatureBy = (key: Buffer, signed: string) =>
    createHmac("sha256", key).update(signed).digest("base64url");

  return {
    issue({ sessionId, userId, number, exp }: RefreshClaims): string {
      const claims = { token_type: "refresh", exp, user_id: String(userId), jti: `${sessionId}.${number}` };
      const signed = `${header}.${base64url(JSON.stringify(claims))}`;
      return `${signed}.${signatureBy(keys[0], signed)}`;
    },

    /** What the token says; null for one that was not issued here. Its times are the caller's to check. */
    read(token: string): RefreshClaims | null {
      const parts = token.split(".");
      if (parts.length !== 3 || parts[0] !== header || token.length > 1000) return null;
      const signatures = keys.map((key) => signatureBy(key, `${parts[0]}.${parts[1]}`));
      if (!constantTimeAny(parts[2]!, signatures)) return null;
      const { exp, user_id, jti } = JSON.parse(Buffer.from(parts[1]!, "base64url").toString());
      const [sessionId, number] = String(jti).split(".");
      return { sessionId: sessionId!, userId: Number(user_id), number: Number(number), exp };
    },
  };
}

function base64url(text: string): string {
  return Buffer.from(text).toString("base64url");
}
