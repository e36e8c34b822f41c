import { deriveKeys, type SecretKeys } from "../kernel/keys.ts";
import { reseal, seal, unsealByAny } from "../kernel/sealed.ts";

/** How secrets of second factors lie in the database: encrypted under SECRET_KEY, each with whose and what it is. */
export type FactorKind = "totp" | "recovery_code";

export interface SealedFactor {
  readonly user_id: number;
  readonly sealed: string;
}

export function createFactorSeal(secretKeys: SecretKeys) {
  const keys = deriveKeys(secretKeys, "second factor");
  // So that no row's can be put into another.
  const factsOf = (kind: FactorKind, userId: number) => `${kind} ${userId}`;

  return {
    seal: (secret: Buffer, kind: FactorKind, userId: number) => seal(keys[0], secret, factsOf(kind, userId)),
    /** Throws for one of a SECRET_KEY that nobody has any more: nothing that a person at the page could put right. */
    open({ user_id, sealed }: SealedFactor, kind: FactorKind): Buffer {
      const secret = unsealByAny(keys, sealed, factsOf(kind, user_id));
      if (secret !== null) return secret;
      throw new Error(`the second factor of account ${user_id} can't be decrypted`);
    },
    /** The same under the present key; null for what is already, and for what no key opens. */
    reseal: ({ user_id, sealed }: SealedFactor, kind: FactorKind): string | null =>
      reseal(keys, sealed, factsOf(kind, user_id)),
  };
}
