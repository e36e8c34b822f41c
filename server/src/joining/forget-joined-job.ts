import { defineJob, type JobDefinition, type JobsAdmin } from "../engines/jobs/jobs.ts";
import Type from "../kernel/schema/schema.ts";

/**
 * Removes what the queue still holds about an account that went into another: it speaks to nobody any more. A job, because a command
 * that joins has no queue.
 */
const Payload = Type.Object({ joinedId: Type.Integer() });
export const forgetJoinedJob = defineJob("forget-joined", Payload);

export function forgetJoined(queue: () => Pick<JobsAdmin, "forget">): JobDefinition<typeof Payload> {
  return {
    ...forgetJoinedJob,
    attempts: 10,
    ...{ backoffSeconds: 30, backoffLimitSeconds: 3600 },
    async handler({ joinedId }) {
      await queue().forget((payload) => (payload as { userId?: unknown } | null)?.userId === joinedId);
    },
  };
}
