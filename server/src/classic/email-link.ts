import type { PendingEmail } from "../accounts/linked-email.ts";
import { constantTimeAny } from "../kernel/constant-time.ts";
import { deriveKeys, hmac, type SecretKeys } from "../kernel/keys.ts";

/**
 * What stands in the link that confirms an address: whose, which, of which credentials, until when, and a MAC. Nothing is
 * stored, so it works again while it is good; it says nothing but what the mail's reader knows.
 */
export interface EmailLink extends PendingEmail {
  /** Epoch milliseconds. */
  readonly expiresAt: number;
}

export type EmailLinks = ReturnType<typeof createEmailLinks>;

export const emailLinkMillis = 86_400_000;

export function createEmailLinks(secretKeys: SecretKeys) {
  const keys = deriveKeys(secretKeys, "confirm an address");
  const macBy = (key: Buffer, facts: string) => hmac(key, facts).toString("base64url");

  return {
    issue({ userId, email, credentialsVersion, expiresAt }: EmailLink): string {
      const facts = Buffer.from(JSON.stringify([userId, email, credentialsVersion, expiresAt])).toString(
        "base64url",
      );
      return `${facts}.${macBy(keys[0], facts)}`;
    },

    /** Null for what was not issued here, or is over. */
    read(token: string, now: number): PendingEmail | null {
      const [facts = "", mac = ""] = token.split(".");
      const macs = keys.map((key) => macBy(key, facts));
      if (!constantTimeAny(mac, macs)) return null;
      const [userId, email, credentialsVersion, expiresAt] = JSON.parse(
        Buffer.from(facts, "base64url").toString("utf8"),
      ) as [number, string, number, number];
      return expiresAt > now ? { userId, email, credentialsVersion } : null;
    },
  };
}
