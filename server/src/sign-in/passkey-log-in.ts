import type { Users } from "../accounts/users.ts";
import type { Asker } from "../devices/asker.ts";
import type { KeyValue } from "../engines/kv/kv.ts";
import { countedNetworks, createNetworkLimit } from "../engines/kv/network-limit.ts";
import { AppError } from "../errors/errors.ts";
import type { RequestOptions, Shown } from "../factors/passkey-ceremony.ts";
import type { Passkeys } from "../factors/passkeys.ts";
import { deriveKey } from "../kernel/keys.ts";
import { limitRule } from "../kernel/limits.ts";
import type { Proved } from "./proved.ts";
import type { Refusals } from "./refusals.ts";

/**
 * Log-in by a passkey, without a name: the device brings whose it is. Promises: it is both factors at once, because the device
 * verified its user, so it is never held up; a disabled account is told apart only from who has its passkey.
 */
export interface PasskeyLogInDeps {
  readonly users: Users;
  readonly kv: KeyValue;
  readonly passkeys: Pick<Passkeys, "beginLogIn" | "identify">;
  readonly refusals: Refusals;
  readonly secretKey: string;
  /** Log-ins, right or wrong, of one client network an hour; 0 = unlimited. */
  readonly loginAttemptLimitPerClient: number;
  readonly widerNetworkFactor: number;
}

export type PasskeyLogIn = ReturnType<typeof createPasskeyLogIn>;

export function createPasskeyLogIn(deps: PasskeyLogInDeps) {
  const { users, passkeys, refusals } = deps;
  const limit = createNetworkLimit(deps.kv, deps.widerNetworkFactor);
  const key = deriveKey(deps.secretKey, "log-in limit");
  const rules = [limitRule("passkey", deps.loginAttemptLimitPerClient)];

  return {
    /** What the device is asked for. Each is kept for five minutes, so a network has a limit. Errors: `throttled`, `passkeys_unavailable`. */
    async begin(asker: Asker): Promise<RequestOptions> {
      await limit.countAll(rules, countedNetworks(key, asker));
      return passkeys.beginLogIn(asker);
    },

    /** Errors: those of `passkeys.identify`, `account_unavailable`. */
    async prove(shown: Shown, asker: Asker): Promise<Proved> {
      const account = await users.byId(await passkeys.identify(shown, asker));
      if (account === null || account.is_active === 0) {
        if (account !== null) refusals.note(account.id, "disabled", asker.network);
        throw new AppError("account_unavailable");
      }
      return { account, how: "passkey", factor: "passkey" };
    },
  };
}
