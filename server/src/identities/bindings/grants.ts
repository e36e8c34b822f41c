import type { Db } from "../../engines/database/database.ts";
import { deriveKeys, type SecretKeys } from "../../kernel/keys.ts";
import type { Log } from "../../kernel/log.ts";
import { seal, unsealByAny } from "../../kernel/sealed.ts";
import type { Identity } from "../providers/provider.ts";
import type { Providers } from "../providers/providers.ts";
import { clearGrant, findGrantsOf } from "./binding-store.ts";

/**
 * What a third party gave at a log-in so that it can be taken back there (RFC 7009; Apple demands it of who deletes an account).
 * Promises: it lies encrypted, beside the binding that it came with and under nobody else's; it is used for nothing but revoking,
 * and goes with the binding. Guard: revocation.test.ts.
 */
export type Grants = ReturnType<typeof createGrants>;

export function createGrants({
  db,
  log,
  secretKeys,
  providers,
}: {
  readonly db: Db;
  readonly log: Log;
  readonly secretKeys: SecretKeys;
  readonly providers: Providers;
}) {
  const keys = deriveKeys(secretKeys, "third party grant");
  const factsOf = (provider: string, accountKey: string) => `grant ${provider} ${accountKey}`;

  return {
    /** Null where the third party gave nothing. */
    sealed(provider: string, { keys: [best], grant }: Identity): string | null {
      return grant === undefined ? null : seal(keys[0], Buffer.from(grant), factsOf(provider, best));
    },

    /**
     * Takes back what third parties gave the account. One that is not configured any more, offers no revoking, or whose grant no
     * key opens is left out, and the log says so. Rejects with the provider's trouble, after every other one was asked; those that
     * are done are not asked again.
     */
    async revokeAll(userId: number): Promise<void> {
      const failures: unknown[] = [];
      for (const { provider, account_key: accountKey, sealed_grant: sealed } of await findGrantsOf(
        db,
        userId,
      )) {
        const grant = unsealByAny(keys, sealed, factsOf(provider, accountKey));
        const revoke = providers.find(provider)?.client?.revoke;
        if (grant === null || revoke === undefined) {
          log.warn({ userId, provider }, "what a third party granted can't be revoked there");
          continue;
        }
        try {
          await revoke(grant.toString());
          await clearGrant(db, provider, accountKey);
        } catch (error) {
          failures.push(error);
        }
      }
      if (failures.length > 0) throw failures[0];
    },
  };
}
