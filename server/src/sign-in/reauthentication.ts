import type { Account } from "../accounts/account.ts";
import type { User } from "../accounts/record.ts";
import type { Users } from "../accounts/users.ts";
import type { Verifications } from "../codes/verification.ts";
import type { Asker } from "../devices/asker.ts";
import type { Db } from "../engines/database/database.ts";
import { AppError, invalidFields } from "../errors/errors.ts";
import type { GivenFactor } from "../factors/given-factor.ts";
import type { Passkeys } from "../factors/passkeys.ts";
import type { SecondFactors } from "../factors/second-factors.ts";
import type { SteppingUp } from "../http/step-up.ts";
import type { Bindings } from "../identities/bindings/bindings.ts";
import type { ThirdPartyLogIn } from "../identities/flow/third-party-login.ts";
import { titles } from "../identities/providers/known-provider.ts";
import type { Log } from "../kernel/log.ts";
import type { StepUpAction } from "../kernel/step-up-actions.ts";
import type { Sessions } from "../sessions/sessions.ts";
import type { Language } from "../words/language.ts";
import type { StepUp } from "./step-up.ts";
import type { MethodsOf, OfferedMethods, StepUpMethod } from "./step-up-methods.ts";
import type { StepUpProofs } from "./step-up-proofs.ts";

/**
 * Proving oneself again in the present session. Promises: only what `methodsOf` offers is looked at; a third party's person counts
 * only where they are bound to this very account, in a flow that this session's owner began for it; a code of a mail counts for
 * the action that the mail names and opens nothing else, while whatever was typed or touched here counts for the session, too.
 * Guesses are bounded where each kind is checked. Guards: step-up.test.ts, step-up.race.test.ts.
 */
export interface ReauthenticationDeps {
  readonly db: Db;
  readonly users: Users;
  readonly account: Pick<Account, "provePassword">;
  readonly factors: Pick<SecondFactors, "prove">;
  readonly passkeys: Pick<Passkeys, "prove">;
  readonly verifications: Verifications;
  readonly thirdPartyLogIn: ThirdPartyLogIn;
  readonly bindings: Pick<Bindings, "find">;
  readonly sessions: Pick<Sessions, "prove">;
  readonly proofs: StepUpProofs;
  readonly stepUp: Pick<StepUp, "refusal">;
  readonly methodsOf: MethodsOf;
  readonly log: Log;
}

/** What somebody shows. */
export type Evidence =
  | { readonly password: string }
  | { readonly code: string }
  | { readonly passkey: Readonly<Record<string, unknown>> }
  | { readonly emailCode: string }
  | { readonly callback: Omit<Parameters<ThirdPartyLogIn["identify"]>[0], "network"> };

export interface Circumstances {
  readonly asker: Asker;
  readonly language: Language;
}

export type Reauthentication = ReturnType<typeof createReauthentication>;

export function createReauthentication(deps: ReauthenticationDeps) {
  const { db, users, verifications, thirdPartyLogIn, bindings, sessions, proofs, stepUp } = deps;

  /** The account, its session, and what it may show. Error: `reauthentication_required` for a method that doesn't count. */
  async function allowed(caller: SteppingUp, methods: readonly StepUpMethod[]) {
    if (caller.impersonator !== undefined) throw new AppError("impersonated");
    const user = await users.byId(caller.id);
    if (user === null) throw new AppError("token_unknown_user");
    const { session_id: sessionId } = caller;
    const offered: OfferedMethods = await deps.methodsOf(user, { isThere: Boolean(sessionId) });
    const isOffered = methods.some((method) => offered.methods.includes(method));
    if (!isOffered || !sessionId) throw await stepUp.refusal(caller);
    return { user, sessionId, offered };
  }

  async function byMailedCode(user: User, typed: string, action: StepUpAction, asker: Asker): Promise<void> {
    const proof = await verifications.check(`stepUp-${action}`, user.email ?? "", typed, asker);
    await db.transaction((transaction) => verifications.consume(transaction, proof));
    await verifications.forget(proof);
  }

  async function byThirdParty(
    user: User,
    callback: Extract<Evidence, { callback: unknown }>["callback"],
    asker: Asker,
  ): Promise<void> {
    const { client, identity, userId, purpose } = await thirdPartyLogIn.identify({
      ...callback,
      network: asker.network,
    });
    // Begun by somebody else, or to log in or to bind: a callback of those is no proof (attack: one that was led here).
    if (userId !== user.id || purpose !== "reauthentication") throw new AppError("oauth_state_invalid");
    const binding = await bindings.find(client.name, identity.keys);
    if (binding?.user_id !== user.id)
      throw new AppError("identity_not_bound", { parameters: titles(client) });
  }

  /** Looks at it. Returns the method, and the second factor it was. */
  async function look(
    caller: SteppingUp,
    evidence: Evidence,
    action: StepUpAction | null,
    { asker, language }: Circumstances,
  ): Promise<{ user: User; sessionId: string; method: StepUpMethod; factor: GivenFactor | null }> {
    if ("password" in evidence) {
      const { user, sessionId } = await allowed(caller, ["password"]);
      await deps.account.provePassword(user.id, evidence.password, asker);
      return { user, sessionId, method: "password", factor: null };
    }
    if ("code" in evidence) {
      const { user, sessionId } = await allowed(caller, ["totp", "recovery_code"]);
      const factor = await deps.factors.prove(user, evidence.code, asker, language);
      return { user, sessionId, method: factor, factor };
    }
    if ("passkey" in evidence) {
      const { user, sessionId } = await allowed(caller, ["passkey"]);
      await deps.passkeys.prove(user, evidence.passkey, asker);
      return { user, sessionId, method: "passkey", factor: "passkey" };
    }
    if ("emailCode" in evidence) {
      const { user, sessionId } = await allowed(caller, ["email_code"]);
      if (action === null) throw invalidFields({ field: "action", code: "required" });
      await byMailedCode(user, evidence.emailCode, action, asker);
      return { user, sessionId, method: "email_code", factor: null };
    }
    const { user, sessionId } = await allowed(caller, ["provider"]);
    await byThirdParty(user, evidence.callback, asker);
    return { user, sessionId, method: "provider", factor: null };
  }

  return {
    /**
     * Looks at what somebody shows. Returns the single-use proof for the action, or null where none is named: then it counts
     * for the session alone. Errors: those of what is shown, `reauthentication_required`.
     */
    async prove(
      caller: SteppingUp,
      evidence: Evidence,
      action: StepUpAction | null,
      how: Circumstances,
    ): Promise<string | null> {
      const { user, sessionId, method, factor } = await look(caller, evidence, action, how);
      if (method !== "email_code") await sessions.prove(sessionId, user.id, factor);
      const client = how.asker.network;
      deps.log.info({ userId: user.id, client, method, action }, "proved themselves again");
      return action === null ? null : proofs.issue(caller, { sessionId, action, factor, method });
    },

    /** Mails a code that names the action. Errors: those of `verifications.request`, `reauthentication_required`. */
    async mailCode(
      caller: SteppingUp,
      action: StepUpAction,
      { asker, language }: Circumstances,
    ): Promise<{ retryAfterSeconds: number }> {
      const { user } = await allowed(caller, ["email_code"]);
      const mail = { to: user.email ?? "", purpose: `stepUp-${action}`, account: user.id } as const;
      return verifications.request({ ...mail, language, asker });
    },

    /** Where to send the browser. Errors: those of `thirdPartyLogIn.begin`, `reauthentication_required`, `identity_not_bound`. */
    async begin(
      caller: SteppingUp,
      input: { readonly provider: string; readonly next: string; readonly browserId: string | null },
      { asker, language }: Circumstances,
    ): Promise<{ url: string; browserId: string }> {
      const { user } = await allowed(caller, ["provider"]);
      return thirdPartyLogIn.begin({
        ...{ ...input, nextField: "next", userId: user.id, purpose: "reauthentication" },
        ...{ language, network: asker.network, wider: asker.wider },
      });
    },
  };
}
