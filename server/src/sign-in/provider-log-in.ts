import type { Users } from "../accounts/users.ts";
import { AppError } from "../errors/errors.ts";
import type { TrustRule } from "../factors/policy-settings.ts";
import type { Bindings } from "../identities/bindings/bindings.ts";
import type { Grants } from "../identities/bindings/grants.ts";
import type { CallbackInput, ThirdPartyLogIn } from "../identities/flow/third-party-login.ts";
import type { Profile } from "../identities/providers/provider.ts";
import type { Proved } from "./proved.ts";
import type { Refusals } from "./refusals.ts";
import { isTrustedWithFactor } from "./trusted-issuers.ts";

/**
 * Log-in by what a provider says: the account that the person is bound to, or a ticket that lets them choose one.
 * Promises: only the provider's key finds an account, never a nickname or an e-mail address (guard:
 * oauth-takeover.test.ts). No network inside a transaction.
 */
export interface ProviderLogInDeps {
  readonly users: Users;
  readonly thirdPartyLogIn: ThirdPartyLogIn;
  readonly bindings: Bindings;
  readonly grants: Pick<Grants, "sealed">;
  readonly refusals: Refusals;
  readonly trustedIssuers: readonly TrustRule[];
}

export type LogInResult =
  | { readonly kind: "account"; readonly proved: Proved; readonly next: string }
  | { readonly kind: "ticket"; readonly ticket: string; readonly profile: Profile; readonly next: string };

export type ProviderLogIn = ReturnType<typeof createProviderLogIn>;

export function createProviderLogIn(deps: ProviderLogInDeps) {
  const { users, thirdPartyLogIn, bindings, refusals } = deps;
  return {
    /**
     * Ends a log-in that `thirdPartyLogIn.begin` began. Errors: those of `thirdPartyLogIn.identify`, and
     * `account_unavailable` for a disabled account.
     */
    async finish(input: CallbackInput): Promise<LogInResult> {
      const identified = await thirdPartyLogIn.identify(input);
      const { client, identity, next, purpose } = identified;
      // Begun by who was logged in and had to prove it: it logs nobody in (guard: step-up.test.ts).
      if (purpose !== undefined) throw new AppError("oauth_state_invalid");
      const binding = await bindings.find(client.name, identity.keys);
      if (binding === null) {
        return { kind: "ticket", ...(await thirdPartyLogIn.ticketFor(identified, input.network)), next };
      }
      const account = await users.byId(binding.user_id);
      if (account === null || account.is_active === 0) {
        if (account !== null) refusals.note(account.id, "disabled", input.network);
        throw new AppError("account_unavailable");
      }
      const { name } = client;
      const grant = deps.grants.sealed(name, identity);
      const settle = () => bindings.recordLogIn(binding, identity.keys, grant);
      const isTrusted = isTrustedWithFactor(deps.trustedIssuers, name, identity.authentication);
      const proved: Proved = {
        ...{ account, how: "provider", provider: name, settle },
        ...(isTrusted && { factor: "provider" }),
      };
      return { kind: "account", proved, next };
    },
  };
}
