import { randomToken } from "../kernel/ids.ts";
import { deriveKeys, hmac, type SecretKeys } from "../kernel/keys.ts";
import { addressBelow } from "../kernel/public-address.ts";

/**
 * What an invitation's link holds. It is derived from a random number under a key that only the server has, as codes are:
 * the queue holds the number, the table a digest of the result under another key, so reading either gives no link.
 */
export interface InvitationTokens {
  /** A new one. `nonce` goes into the job that mails it, `mac` into the table. */
  make(): { readonly nonce: string; readonly token: string; readonly mac: string };
  /** As it was made, and under each SECRET_KEY that may have made it. */
  tokensOf(nonce: string): readonly string[];
  macsOf(token: string): readonly string[];
}

/** Options of a request's schema. */
export const invitationField = { maxLength: 100 } as const;

export function createInvitationTokens(secretKeys: SecretKeys): InvitationTokens {
  const tokenKeys = deriveKeys(secretKeys, "invitation token");
  const macKeys = deriveKeys(secretKeys, "invitation digest");
  const by = (key: Buffer, text: string) => hmac(key, text).toString("base64url");
  return {
    make() {
      const nonce = randomToken(16);
      const token = by(tokenKeys[0], nonce);
      return { nonce, token, mac: by(macKeys[0], token) };
    },
    tokensOf: (nonce) => tokenKeys.map((key) => by(key, nonce)),
    macsOf: (token) => macKeys.map((key) => by(key, token)),
  };
}

/**
 * The address to open. The token stands in the fragment, which no browser sends to a server, and no server's log or
 * Referer shows (attack: an invitation read from a proxy's log).
 */
export function invitationLink(siteUrl: string, token: string): string {
  return addressBelow(siteUrl, `/register#invitation=${token}`);
}
