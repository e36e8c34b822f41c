import { constantTimeAny } from "../kernel/constant-time.ts";
import { deriveKeys, hmac, type SecretKeys } from "../kernel/keys.ts";

/**
 * What stands in a session's cookie: the session's id, which of its cookies it is, whether it lasts when the browser is
 * closed, and a MAC with a key of its own. Promises: nothing is stored that could be shown in its place; the same number
 * is always the same value, so it can be handed out again; it is no token, and no token is one: neither renews by the
 * other's way, around what that way checks.
 */
export interface CookieClaims {
  readonly sessionId: string;
  /** Which of the session's cookies it is; the first is 0. */
  readonly number: number;
  readonly lasts: boolean;
}

export const cookieTokenForm = /^[\w-]{22}\.\d{1,15}\.[01]\.[\w-]{43}$/;

export type CookieTokens = ReturnType<typeof createCookieTokens>;

export function createCookieTokens(secretKeys: SecretKeys) {
  const keys = deriveKeys(secretKeys, "session cookie");
  const macBy = (key: Buffer, facts: string) => hmac(key, facts).toString("base64url");

  return {
    issue({ sessionId, number, lasts }: CookieClaims): string {
      const facts = `${sessionId}.${number}.${lasts ? 1 : 0}`;
      return `${facts}.${macBy(keys[0], facts)}`;
    },

    /** Null for what was not issued here. Whether the session lives is the caller's to ask. */
    read(value: string): CookieClaims | null {
      const end = value.lastIndexOf(".");
      const facts = value.slice(0, Math.max(0, end));
      const macs = keys.map((key) => macBy(key, facts));
      if (!cookieTokenForm.test(value) || !constantTimeAny(value.slice(end + 1), macs)) return null;
      const [sessionId = "", number, lasts] = facts.split(".");
      return { sessionId, number: Number(number), lasts: lasts === "1" };
    },
  };
}
