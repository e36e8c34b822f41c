import { defineJob, type JobDefinition, type JobsAdmin } from "../engines/jobs/jobs.ts";
import type { Log } from "../kernel/log.ts";
import Type from "../kernel/schema/schema.ts";
import type { KeepDeletedList } from "../rights/deleted-list.ts";

/**
 * Removes what the queue still holds about an account that went into another, which speaks to nobody any more, and notes the account
 * among the erased ones, so that it stays erased after a restore. A job, because a command that joins has no queue.
 */
const Payload = Type.Object({ joinedId: Type.Integer() });
export const forgetJoinedJob = defineJob("forget-joined", Payload);

export interface ForgetJoinedDeps {
  readonly log: Log;
  /** The queue, which is open by the time a job runs. */
  readonly queue: () => Pick<JobsAdmin, "forget">;
  readonly keepList: KeepDeletedList;
}

export function forgetJoined({ log, queue, keepList }: ForgetJoinedDeps): JobDefinition<typeof Payload> {
  return {
    ...forgetJoinedJob,
    attempts: 10,
    ...{ backoffSeconds: 30, backoffLimitSeconds: 3600 },
    async handler({ joinedId }) {
      await queue().forget((payload) => (payload as { userId?: unknown } | null)?.userId === joinedId);
      // Nobody's account waits for a full disk; the purges try again each minute.
      await keepList().catch((error: unknown) => {
        log.error({ err: error, joinedId }, "an erased account could not be noted in DELETED_ACCOUNTS_FILE");
      });
    },
  };
}
