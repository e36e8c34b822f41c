import { constantTimeAny } from "../kernel/constant-time.ts";
import { deriveKeys, hmac, type SecretKeys } from "../kernel/keys.ts";

/**
 * What stands in the link that cancels the removal of a lost second factor: which request, and a MAC. It is made when the mail
 * is written, so no job and no row has it. It does nothing but cancel.
 */
export type LostFactorTokens = ReturnType<typeof createLostFactorTokens>;

export function createLostFactorTokens(secretKeys: SecretKeys) {
  const keys = deriveKeys(secretKeys, "cancel a lost factor");
  const macBy = (key: Buffer, id: string) => hmac(key, id).toString("base64url");

  return {
    issue: (id: string): string => `${id}.${macBy(keys[0], id)}`,

    /** The request's id; null for what was not issued here. */
    read(token: string): string | null {
      const [id = "", mac = "", ...rest] = token.split(".");
      const isOurs =
        rest.length === 0 &&
        constantTimeAny(
          mac,
          keys.map((key) => macBy(key, id)),
        );
      return isOurs ? id : null;
    },
  };
}
