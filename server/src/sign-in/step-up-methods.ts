import type { Account } from "../accounts/account.ts";
import type { User } from "../accounts/record.ts";
import type { SecondFactors } from "../factors/second-factors.ts";
import type { Bindings } from "../identities/bindings/bindings.ts";
import type { Providers } from "../identities/providers/providers.ts";
import { maskText } from "../kernel/mask.ts";

/**
 * By what an account's owner can prove themselves again. Promises: an account with a second factor does by one, and never by
 * what somebody with its password, its mail or its third party has, too; a third party counts only where the flow can be tied to
 * who began it; logging in again is always a way, as it asks for everything. Guard: step-up.test.ts.
 */
export const stepUpMethods = [
  "password",
  "totp",
  "recovery_code",
  "passkey",
  "provider",
  "email_code",
  "log_in",
] as const;
export type StepUpMethod = (typeof stepUpMethods)[number];

export interface StepUpMethodsDeps {
  readonly account: Pick<Account, "hasPassword">;
  readonly factors: Pick<SecondFactors, "methodsOf">;
  readonly bindings: Pick<Bindings, "list">;
  readonly providers: Providers;
  /** `path`: a callback is anybody's, so it proves nothing to a session. */
  readonly stateMode: "signed" | "path";
}

/** What a page needs to offer them. */
export interface OfferedMethods {
  readonly methods: StepUpMethod[];
  /** Names of the third parties that count. */
  readonly providers: string[];
  /** Where a code would go, shortened; null where none would. */
  readonly email: string | null;
}

export type MethodsOf = (account: User, session: { readonly isThere: boolean }) => Promise<OfferedMethods>;

export function createStepUpMethods(deps: StepUpMethodsDeps): MethodsOf {
  const { account, factors, bindings, providers, stateMode } = deps;

  return async (user, { isThere }) => {
    // A request that authenticates itself alone has nowhere to note a proof.
    if (!isThere) return { methods: ["log_in"], providers: [], email: null };
    const own = await factors.methodsOf(user.id);
    if (user.second_factor_at !== null) return { methods: [...own, "log_in"], providers: [], email: null };
    const bound =
      stateMode === "signed" ? (await bindings.list(user.id)).map(({ provider }) => provider) : [];
    const usable = [...new Set(bound)].filter((name) => providers.find(name)?.client);
    const email = user.email_verified === 1 ? user.email : null;
    const methods: StepUpMethod[] = [
      ...own.filter((method) => method === "passkey"),
      ...((await account.hasPassword(user.id)) ? (["password"] as const) : []),
      ...(usable.length > 0 ? (["provider"] as const) : []),
      ...(email === null ? [] : (["email_code"] as const)),
      "log_in",
    ];
    return { methods, providers: usable, email: email === null ? null : maskText(email) };
  };
}
