import type { Db } from "../../engines/database/database.ts";
import type { Jobs } from "../../engines/jobs/jobs.ts";
import { deriveKeys, type SecretKeys } from "../../kernel/keys.ts";
import type { Log } from "../../kernel/log.ts";
import { seal, unsealByAny } from "../../kernel/sealed.ts";
import type { Identity } from "../providers/provider.ts";
import type { Providers } from "../providers/providers.ts";
import { clearGrant, findGrantsOf } from "./binding-store.ts";
import { type GrantToRevoke, revokeGrantJob } from "./revoke-grant-job.ts";

/**
 * What a third party gave at a log-in so that it can be taken back there (RFC 7009; Apple demands it of who deletes an account).
 * Promises: it lies encrypted, beside the binding that it came with and under nobody else's; it is used for nothing but revoking;
 * it is revoked when the account is erased and when the binding is removed, and kept no longer. Guard: revocation.test.ts.
 */
export type Grants = ReturnType<typeof createGrants>;

export function createGrants({
  db,
  log,
  secretKeys,
  providers,
  jobs,
}: {
  readonly db: Db;
  readonly jobs: Pick<Jobs, "enqueueWith">;
  readonly log: Log;
  readonly secretKeys: SecretKeys;
  readonly providers: Providers;
}) {
  const keys = deriveKeys(secretKeys, "third party grant");
  const factsOf = (provider: string, accountKey: string) => `grant ${provider} ${accountKey}`;
  /** In a job, which says nothing of whose it was. */
  const apartOf = (provider: string) => `grant ${provider}`;

  return {
    /** Null where the third party gave nothing. */
    sealed(provider: string, { keys: [best], grant }: Identity): string | null {
      return grant === undefined ? null : seal(keys[0], Buffer.from(grant), factsOf(provider, best));
    },

    /**
     * Has what came with these bindings revoked, in the transaction that removes them; call it while they are there. `isRemoved`: which
     * of the account's.
     */
    async revokeLater(
      transaction: Db,
      userId: number,
      isRemoved: (binding: { readonly provider: string; readonly account_key: string }) => boolean,
    ): Promise<void> {
      for (const row of (await findGrantsOf(transaction, userId)).filter(isRemoved)) {
        const { provider } = row;
        const grant = unsealByAny(keys, row.sealed_grant, factsOf(provider, row.account_key));
        if (grant === null) continue;
        const sealed = seal(keys[0], grant, apartOf(provider));
        await jobs.enqueueWith(transaction, revokeGrantJob, { provider, sealed });
      }
    },

    /** Takes back what `revokeLater` put aside. Rejects with the provider's trouble. */
    async revokeOne({ provider, sealed }: GrantToRevoke): Promise<void> {
      const grant = unsealByAny(keys, sealed, apartOf(provider));
      const revoke = providers.find(provider)?.client?.revoke;
      if (grant !== null && revoke !== undefined) await revoke(grant.toString());
      else log.warn({ provider }, "what a third party granted can't be revoked there");
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
