import { defineJob, type JobDefinition, type JobsAdmin } from "../engines/jobs/jobs.ts";
import Type from "../kernel/schema/schema.ts";
import type { NoteErased } from "../rights/deleted-list.ts";
import { speaksOf } from "../rights/erase-traces-job.ts";

/**
 * Removes what the queue still holds about an account that went into another, which speaks to nobody any more, and notes the account
 * among the erased ones, so that it stays erased after a restore. A job, because a command that joins has no queue.
 */
const Payload = Type.Object({ joinedId: Type.Integer() });
export const forgetJoinedJob = defineJob("forget-joined", Payload);

export interface ForgetJoinedDeps {
  /** The queue, which is open by the time a job runs. */
  readonly queue: () => Pick<JobsAdmin, "forget">;
  readonly noteErased: NoteErased;
}

export function forgetJoined({ queue, noteErased }: ForgetJoinedDeps): JobDefinition<typeof Payload> {
  return {
    ...forgetJoinedJob,
    attempts: 10,
    ...{ backoffSeconds: 30, backoffLimitSeconds: 3600 },
    async handler({ joinedId }) {
      await queue().forget((payload) => speaksOf(payload, joinedId, () => false));
      await noteErased(joinedId);
    },
  };
}
