import { attemptsWithin } from "../../engines/jobs/job-definitions.ts";
import { defineJob, type JobDefinition } from "../../engines/jobs/jobs.ts";
import type { Log } from "../../kernel/log.ts";
import Type from "../../kernel/schema/schema.ts";

/**
 * Takes back what a third party gave with a binding that is gone: written in the transaction that removes it, so that it is asked for
 * exactly where the binding went. It names no account and no person, and what was given lies in it encrypted; after a day of
 * failures it is given up, and the log says so (guard: revocation.test.ts).
 */
const Payload = Type.Object({ provider: Type.String(), sealed: Type.String() });
export const revokeGrantJob = defineJob("revoke-grant", Payload);

export type GrantToRevoke = { readonly provider: string; readonly sealed: string };

const backoff = { backoffSeconds: 30, backoffLimitSeconds: 3600 };
const attempts = attemptsWithin(24 * 3600, backoff);

export interface RevokeGrantDeps {
  readonly log: Pick<Log, "warn">;
  readonly revoke: (grant: GrantToRevoke) => Promise<void>;
}

export function revokeGrant({ log, revoke }: RevokeGrantDeps): JobDefinition<typeof Payload> {
  return {
    ...{ ...revokeGrantJob, attempts, ...backoff },
    async handler({ provider, sealed }, run) {
      await revoke({ provider, sealed }).catch((error: unknown) => {
        if (run.attempt < attempts) throw error;
        // Finished, not dead: a dead letter would keep it for two weeks.
        log.warn(
          { err: error, provider },
          "a third party did not revoke the grant of a binding that is gone",
        );
      });
    },
  };
}
