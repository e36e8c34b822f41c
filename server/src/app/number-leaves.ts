import { createNumberLeaves, type NumberLeavesDeps } from "../accounts/number-leaves.ts";
import type { SecondFactors } from "../factors/second-factors.ts";
import type { Bindings } from "../identities/bindings/bindings.ts";
import type { Providers } from "../identities/providers/providers.ts";
import type { Passwords } from "../passwords/passwords.ts";

type Deps = Omit<NumberLeavesDeps, "hasOtherWay"> & {
  readonly passwords: Pick<Passwords, "isUsable">;
  readonly secondFactors: Pick<SecondFactors, "methodsOf">;
  readonly bindings: Pick<Bindings, "list">;
  readonly providers: Providers;
};

/** Leaving a lost number, and what opens an account beside it: a password, a confirmed address, a passkey, a third party. */
export function createNumberLeaveParts(deps: Deps) {
  const { passwords, secondFactors, bindings, providers } = deps;
  return createNumberLeaves({
    ...deps,
    async hasOtherWay(transaction, user) {
      if (passwords.isUsable(user.password_hash)) return true;
      // It resets the password.
      if (user.email !== null && user.email_verified === 1) return true;
      if ((await secondFactors.methodsOf(user.id, transaction)).includes("passkey")) return true;
      const bound = await bindings.list(user.id, transaction);
      return bound.some(({ provider }) => providers.find(provider)?.client);
    },
  });
}
