import type { Asker } from "../devices/asker.ts";
import { AppError, invalidFields } from "../errors/errors.ts";
import type { GivenFactor } from "../factors/given-factor.ts";
import type { Passkeys } from "../factors/passkeys.ts";
import type { FactorOwner } from "../factors/second-factor-switch.ts";
import type { SecondFactors } from "../factors/second-factors.ts";
import Type from "../kernel/schema/schema.ts";
import type { Language } from "../words/language.ts";

/** How an owner shows a second factor: a code of the app or a recovery code, or what a passkey's device signed. */
export interface FactorProof {
  readonly code?: string | undefined;
  readonly passkey?: Readonly<Record<string, unknown>> | undefined;
}

/** Six digits, or a recovery code, however it is written. */
export const factorCode = { minLength: 6, maxLength: 24, check: () => null } as const;

/** What a browser's `navigator.credentials` gave, as JSON. */
export const passkeyField = Type.Record(Type.String(), Type.Any());

/** One of them, in a body. */
export const factorProofFields = {
  code: Type.Optional(Type.String(factorCode)),
  passkey: Type.Optional(passkeyField),
};

export interface FactorProofDeps {
  readonly factors: Pick<SecondFactors, "prove">;
  readonly passkeys: Pick<Passkeys, "prove">;
}

export type ProveFactor = ReturnType<typeof createProveFactor>;

export function createProveFactor({ factors, passkeys }: FactorProofDeps) {
  /**
   * Proves it, using it up; which it was. `purpose`: what a passkey's device was asked for. Errors: `invalid_fields` where
   * there is neither, `second_factor_wrong`, `throttled`, and those of `passkeys.prove`.
   */
  return async (
    owner: FactorOwner,
    { code, passkey }: FactorProof,
    asker: Asker,
    language: Language,
    purpose: "second-step" | "proof" = "proof",
  ): Promise<GivenFactor> => {
    if (passkey !== undefined) {
      await passkeys.prove(owner, passkey, asker, purpose);
      return "passkey";
    }
    if (code === undefined) throw invalidFields({ field: "code", code: "required" });
    return factors.prove(owner, code, asker, language);
  };
}

/** Whether a guess was wrong, or there were too many. */
export function refusalOf(error: unknown): "throttled" | "second_factor" {
  return error instanceof AppError && error.code === "throttled" ? "throttled" : "second_factor";
}
