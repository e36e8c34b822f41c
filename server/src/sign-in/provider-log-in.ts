import type { Users } from "../accounts/users.ts";
import { AppError } from "../errors/errors.ts";
import type { Bindings } from "../identities/bindings/bindings.ts";
import type { CallbackInput, ThirdPartyLogIn } from "../identities/flow/third-party-login.ts";
import type { Profile } from "../identities/providers/provider.ts";
import type { Proved } from "./complete.ts";

/**
 * Log-in by what a provider says: the account that the person is bound to, or a ticket that lets them choose one.
 * Promises: only the provider's key finds an account, never a nickname or an e-mail address (guard:
 * oauth-takeover.test.ts). No network inside a transaction.
 */
export interface ProviderLogInDeps {
  readonly users: Users;
  readonly thirdPartyLogIn: ThirdPartyLogIn;
  readonly bindings: Bindings;
}

export type LogInResult =
  | { readonly kind: "account"; readonly proved: Proved; readonly next: string }
  | { readonly kind: "ticket"; readonly ticket: string; readonly profile: Profile; readonly next: string };

export type ProviderLogIn = ReturnType<typeof createProviderLogIn>;

export function createProviderLogIn({ users, thirdPartyLogIn, bindings }: ProviderLogInDeps) {
  return {
    /**
     * Ends a log-in that `thirdPartyLogIn.begin` began. Errors: those of `thirdPartyLogIn.identify`, and
     * `account_unavailable` for a disabled account.
     */
    async finish(input: CallbackInput): Promise<LogInResult> {
      const identified = await thirdPartyLogIn.identify(input);
      const { client, identity, next } = identified;
      const binding = await bindings.find(client.name, identity.keys);
      if (binding === null) {
        return { kind: "ticket", ...(await thirdPartyLogIn.ticketFor(identified, input.network)), next };
      }
      const account = await users.byId(binding.user_id);
      if (account === null || account.is_active === 0) throw new AppError("account_unavailable");
      const settle = () => bindings.recordLogIn(binding, identity.keys);
      return { kind: "account", proved: { account, how: "provider", provider: client.name, settle }, next };
    },
  };
}
