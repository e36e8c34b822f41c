import type { Account } from "../accounts/account.ts";
import type { User } from "../accounts/record.ts";
import type { Users } from "../accounts/users.ts";
import type { Asker } from "../devices/asker.ts";
import { AppError, invalidFields } from "../errors/errors.ts";
import type { Shown, SteppingUp, StepUpCaller } from "../http/step-up.ts";
import type { Clock } from "../kernel/clock.ts";
import type { StepUpAction } from "../kernel/step-up-actions.ts";
import type { Sessions } from "../sessions/sessions.ts";
import type { MethodsOf, StepUpMethod } from "./step-up-methods.ts";
import type { StepUpProofs } from "./step-up-proofs.ts";

/**
 * Step-up (RFC 9470, OWASP ASVS 5.0 7.5): whether it is the owner who asks, and not somebody with a token that was left open or
 * stolen. What counts: a proof for this very call, or a log-in or proof in this session within the last minutes; the present
 * password in a call that carries it. Where the account has a second factor, only what was proved by one. Promises: a token of
 * another service and HTTP Basic, which have no session, never pass but by the password in the call, and not even so where there
 * is a second factor. Attack: a stolen token that changes what the account is opened or recovered by, or keeps the owner out.
 * Guards: step-up.test.ts, step-up-matrix.test.ts. How one proves it: reauthentication.ts.
 */
export interface StepUpDeps {
  readonly account: Pick<Account, "provePassword" | "hasPassword">;
  readonly users: Pick<Users, "byId">;
  readonly sessions: Pick<Sessions, "proofIn">;
  readonly proofs: StepUpProofs;
  readonly methodsOf: MethodsOf;
  readonly clock: Clock;
  /** How old a log-in or a proof may be. */
  readonly recentSeconds: number;
}

/** What a call shows beside its token. */
export interface OwnersCall {
  readonly action: StepUpAction;
  /** The present password, where the call carries it. */
  readonly password: string | undefined;
  /**
   * Whether something of this very call has to show it, however recent the log-in; `where possible`: unless the account has
   * nothing to show but a log-in.
   */
  readonly inThisCall?: boolean | "where possible";
  readonly asker: Asker;
}

/** Second factors that were given, and not only remembered. */
const given: ReadonlySet<string> = new Set(["totp", "recovery_code", "passkey", "provider"]);

/** What shows an owner whose number is lost. */
const otherChannels: ReadonlySet<StepUpMethod> = new Set(["totp", "recovery_code", "passkey", "email_code"]);

export type StepUp = ReturnType<typeof createStepUp>;

export function createStepUp(deps: StepUpDeps) {
  const { account, users, sessions, proofs, methodsOf, clock, recentSeconds } = deps;

  /** Error: `impersonated`, whatever they show. */
  async function userNow({ id, impersonator }: SteppingUp): Promise<User> {
    if (impersonator !== undefined) throw new AppError("impersonated");
    const user = await users.byId(id);
    if (user === null) throw new AppError("token_unknown_user");
    return user;
  }

  function counts(user: User, factor: string | null): boolean {
    return user.second_factor_at === null || (factor !== null && given.has(factor));
  }

  async function isRecent(caller: SteppingUp, user: User): Promise<boolean> {
    if (caller.recently_proved === true) return true;
    if (!caller.session_id) return false;
    const shown = await sessions.proofIn(caller.session_id, user.id);
    if (shown === null || clock.now() - shown.provedAt > recentSeconds * 1000) return false;
    // A session keeps the factor that was given in it, also through proofs without one while there was none (attack: with a
    // stolen token and the password, while the owner changes telephones; guard: passkey-step-up.test.ts).
    const isOfPresentFactor = user.second_factor_at === null || shown.provedAt >= user.second_factor_at;
    return isOfPresentFactor && counts(user, shown.factor);
  }

  async function isProved({ user: caller, proof }: StepUpCaller, user: User, action: StepUpAction) {
    const taken = proof === undefined ? null : await proofs.take(proof, { user: caller, action });
    return taken !== null && counts(user, taken.factor);
  }

  async function offered({ session_id }: SteppingUp, user: User) {
    return { ...(await methodsOf(user, { isThere: Boolean(session_id) })), max_age: recentSeconds };
  }

  /** Whether there is more to show than another log-in. */
  async function canProve(caller: SteppingUp, user: User): Promise<boolean> {
    const { methods } = await offered(caller, user);
    return methods.some((method) => method !== "log_in");
  }

  async function refusal(caller: SteppingUp, user: User, action?: StepUpAction): Promise<AppError> {
    const what = { code: "reauthentication_required", ...(action !== undefined && { action }) };
    const answer = { ...what, ...(await offered(caller, user)) };
    return new AppError("reauthentication_required", { answer, parameters: { maxAge: recentSeconds } });
  }

  /** A proof that came along, or a recent one. Error: `reauthentication_required`. */
  async function expectRecent(caller: StepUpCaller, action: StepUpAction): Promise<Shown> {
    const user = await userNow(caller.user);
    if (await isProved(caller, user, action)) return "now";
    if (await isRecent(caller.user, user)) return "recently";
    throw await refusal(caller.user, user, action);
  }

  return {
    recentSeconds,

    isRecent: async (caller: SteppingUp): Promise<boolean> => isRecent(caller, await userNow(caller)),

    offered: async (caller: SteppingUp) => offered(caller, await userNow(caller)),

    refusal: async (caller: SteppingUp): Promise<AppError> => refusal(caller, await userNow(caller)),

    expectRecent,

    /**
     * A proof for this very call by another channel than the number: a mailed code, a passkey or the second factor, and never the
     * password, whoever else knows it, or a third party, which may have been bound with it. Returns the method. Errors:
     * `number_leave_no_channel` where the account has none, `reauthentication_required`.
     */
    async expectOtherChannel(caller: StepUpCaller, action: StepUpAction): Promise<StepUpMethod> {
      const user = await userNow(caller.user);
      const taken =
        caller.proof === undefined ? null : await proofs.take(caller.proof, { user: caller.user, action });
      if (taken !== null && counts(user, taken.factor) && otherChannels.has(taken.method))
        return taken.method;
      const found = await offered(caller.user, user);
      const methods = found.methods.filter((method) => otherChannels.has(method));
      // Without a session there is nowhere to note a proof: whoever logs in finds out the rest.
      if (methods.length === 0 && caller.user.session_id) throw new AppError("number_leave_no_channel");
      const what = { code: "reauthentication_required", action };
      const shown = methods.length === 0 ? found : { ...found, methods, providers: [] };
      throw new AppError("reauthentication_required", {
        ...{ answer: { ...what, ...shown }, parameters: { maxAge: recentSeconds } },
      });
    },

    /**
     * A second factor that was shown for this very call, and nothing less. Errors: `reauthentication_required`, `not_found` for an
     * account that has none.
     */
    async expectFactor(caller: StepUpCaller, action: StepUpAction): Promise<void> {
      const user = await userNow(caller.user);
      if (user.second_factor_at === null) throw new AppError("not_found");
      if (!(await isProved(caller, user, action))) throw await refusal(caller.user, user, action);
    },

    /** `expectRecent` where the present password may come with the call. Errors: those of `provePassword`, too. */
    async expectRecentOrPassword(caller: StepUpCaller, call: OwnersCall): Promise<void> {
      const { action, password, asker } = call;
      const user = await userNow(caller.user);
      const isEnough = user.second_factor_at === null && password !== undefined;
      if (isEnough && (await account.provePassword(user.id, password, asker))) return;
      await expectRecent(caller, action);
    },

    /**
     * For what becomes a way in by itself, and outlives a new password: however recent the log-in, something of this very call
     * has to show its owner, a proof or the present password; beside a second factor a recent one of it is that. Who has nothing
     * to show but a log-in comes by that (attack: a token that was stolen within minutes of its log-in; guard: passkey-step-up.test.ts).
     * Errors: those of `provePassword`, `reauthentication_required`.
     */
    async expectProofOrPassword(caller: StepUpCaller, call: OwnersCall): Promise<void> {
      const { action, password, asker } = call;
      const user = await userNow(caller.user);
      if (await isProved(caller, user, action)) return;
      if (user.second_factor_at === null) {
        if (password !== undefined && (await account.provePassword(user.id, password, asker))) return;
        if (await canProve(caller.user, user)) throw await refusal(caller.user, user, action);
      }
      if (!(await isRecent(caller.user, user))) throw await refusal(caller.user, user, action);
    },

    /**
     * For calls that always carry the present password, where the account has one: it is the proof (the tutorial's pages
     * know no other), and beside a second factor one half of it. Errors: `invalid_fields` (current_password), `throttled`,
     * `busy`, `reauthentication_required`.
     */
    async expectOwner(caller: StepUpCaller, call: OwnersCall): Promise<void> {
      const { action, password, inThisCall = false, asker } = call;
      const user = await userNow(caller.user);
      if (await isProved(caller, user, action)) return;
      const hasPassword = await account.hasPassword(user.id);
      const hasFactor = user.second_factor_at !== null;
      const needsSession = hasFactor || !hasPassword;
      // First: whoever has the token alone is no guesser at the password.
      if (needsSession && !(await isRecent(caller.user, user)))
        throw await refusal(caller.user, user, action);
      if (hasPassword) {
        if (password === undefined) throw invalidFields({ field: "current_password", code: "required" });
        await account.provePassword(user.id, password, asker);
        return;
      }
      const isAsked = inThisCall === "where possible" ? await canProve(caller.user, user) : inThisCall;
      if (isAsked) throw await refusal(caller.user, user, action);
    },
  };
}
