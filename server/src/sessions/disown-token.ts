import { constantTimeAny } from "../kernel/constant-time.ts";
import { deriveKeys, hmac, type SecretKeys } from "../kernel/keys.ts";

/**
 * What stands in the link "this wasn't me" of a mail about a log-in: whose, which session, since when, and a MAC. It is
 * made when the mail is written, so no job and no row has it. Good for seven days: who reads the account's mail could
 * reset its password anyway, and this only ends things.
 */
export interface Disowned {
  readonly userId: number;
  readonly sessionId: string;
  /** Of the log-in, epoch milliseconds. */
  readonly at: number;
}

export type DisownTokens = ReturnType<typeof createDisownTokens>;

export const disownMillis = 7 * 86_400_000;

export function createDisownTokens(secretKeys: SecretKeys) {
  const keys = deriveKeys(secretKeys, "disown a log-in");
  const macBy = (key: Buffer, facts: string) => hmac(key, facts).toString("base64url");

  return {
    issue({ userId, sessionId, at }: Disowned): string {
      const facts = `${userId}.${sessionId}.${at}`;
      return `${facts}.${macBy(keys[0], facts)}`;
    },

    /** Null for what was not issued here, or longer than seven days ago. */
    read(token: string, now: number): Disowned | null {
      const end = token.lastIndexOf(".");
      const facts = token.slice(0, Math.max(0, end));
      const macs = keys.map((key) => macBy(key, facts));
      if (!constantTimeAny(token.slice(end + 1), macs)) return null;
      const [userId, sessionId = "", at] = facts.split(".");
      const isOld = now - Number(at) > disownMillis;
      return isOld ? null : { userId: Number(userId), sessionId, at: Number(at) };
    },
  };
}
