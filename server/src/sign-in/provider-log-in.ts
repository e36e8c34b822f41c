import type { User } from "../accounts/user-store.ts";
import type { Users } from "../accounts/users.ts";
import { AppError } from "../errors/errors.ts";
import type { Bindings } from "../identities/bindings/bindings.ts";
import type { CallbackInput, ThirdPartyLogIn } from "../identities/flow/third-party-login.ts";
import type { Profile } from "../identities/providers/provider.ts";

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
  | { readonly kind: "user"; readonly user: User; readonly next: string }
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
      const user = await users.byId(binding.user_id);
      if (user === null || user.is_active === 0) throw new AppError("account_unavailable");
      await bindings.recordLogIn(binding, identity.keys);
      await users.recordLogIn(user.id);
      return { kind: "user", user, next };
    },
  };
}
