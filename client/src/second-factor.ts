/** The second factor: at a log-in that waits for it, and the own one. */
import type { EndpointCall } from "./endpoint.ts";
import type { CallOptions } from "./transport.ts";
import type { Body, FactorProof } from "./wire.ts";

const proofOf = (proof: string | FactorProof): FactorProof =>
  typeof proof === "string" ? { code: proof } : proof;

/** In a body, or as `more.proof`, which `stepUp` brings where there is neither. */
type Shown = string | FactorProof | undefined;

export function secondFactorCalls(call: EndpointCall) {
  return {
    /**
     * Goes on with a log-in that was refused as `second_factor_required`: `step` is the error's, `proof` a code of the app, a
     * recovery code, or a passkey ({@link passkeys}). With `rememberDevice` this browser is asked for none for as long as the
     * error's `rememberDays` says. Answers as the log-in would have.
     */
    secondFactor: (
      step: string,
      proof: string | FactorProof,
      more: CallOptions & { readonly refresh?: boolean; readonly rememberDevice?: boolean } = {},
    ) => {
      const wish = {
        ...(more.refresh && { refresh: true }),
        ...(more.rememberDevice && { remember_device: true }),
      };
      return call(
        "POST /users/second-factor/",
        { body: { step, ...proofOf(proof), ...wish }, replaces: true, cookies: true },
        more,
      );
    },

    /**
     * Whether who lost the second factor can have it removed, at the `step` of a refused log-in, and how it stands with
     * that. `refusal`: why not.
     */
    lostFactor: (step: string, more?: CallOptions) =>
      call("POST /users/second-factor/lost/", { body: { step }, repeatable: true }, more),

    /** Asks for it: possible after a day, or the site's `LOST_FACTOR_DELAY`; its owner is told on every channel. */
    askLostFactor: (step: string, more?: CallOptions) =>
      call("POST /users/second-factor/lost/ask/", { body: { step } }, more),

    /** Removes it, once the state is `ripe`; every session of the account ends. Then log in by the first factor. */
    finishLostFactor: (step: string, more?: CallOptions) =>
      call("POST /users/second-factor/lost/finish/", { body: { step } }, more),

    /** Cancels it, with what the mail's link brought. Says what had become of it. */
    cancelLostFactor: (token: string, more?: CallOptions) =>
      call("POST /users/second-factor/lost/cancel/", { body: { token } }, more),

    /** Whether the account has a second factor, and how many recovery codes are left. */
    secondFactorStatus: (more?: CallOptions) =>
      call("GET /user/second-factor/", { authenticated: true, repeatable: true }, more),

    /** Begins with an authenticator app: the secret it is given. Needs the present password, or a log-in of the last minutes. */
    beginSecondFactor: (form: Body<"/user/second-factor/", "post"> = {}, more?: CallOptions) =>
      call("POST /user/second-factor/", { body: form, authenticated: true, cookies: true }, more),

    /** Switches it on with a first code of the app. The recovery codes are shown this once. */
    confirmSecondFactor: (code: string, more?: CallOptions) =>
      call("POST /user/second-factor/confirm/", { body: { code }, authenticated: true, cookies: true }, more),

    /** Ten other recovery codes, for a code or a passkey, or with a proof of `reauthenticate` by one. */
    renewRecoveryCodes: (proof?: Shown, more?: CallOptions) =>
      call(
        "POST /user/second-factor/recovery-codes/",
        { body: proofOf(proof ?? {}), authenticated: true, cookies: true },
        more,
      ),

    /** Switches it off, for the same. */
    removeSecondFactor: (proof?: Shown, more?: CallOptions) =>
      call(
        "POST /user/second-factor/remove/",
        { body: proofOf(proof ?? {}), authenticated: true, cookies: true },
        more,
      ),

    /** Begins to move the app to another phone, for the same: the new secret. The present app counts until it is confirmed. */
    beginReplacement: (proof?: Shown, more?: CallOptions) =>
      call(
        "POST /user/second-factor/replacement/",
        { body: proofOf(proof ?? {}), authenticated: true, cookies: true },
        more,
      ),

    /** Moves it with a first code of the new phone's, within ten minutes; from then on the one before counts no more. */
    confirmReplacement: (code: string, more?: CallOptions) =>
      call(
        "POST /user/second-factor/replacement/confirm/",
        { body: { code }, authenticated: true, cookies: true },
        more,
      ),
  };
}
