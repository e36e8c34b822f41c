import Type from "typebox";
import type { JobDefinition } from "../../src/engines/jobs/jobs.ts";

/** A job that does nothing but note the id of each of its runs, in the order of the runs. */
export function recordingJob(name: string): { readonly definition: JobDefinition; readonly ran: string[] } {
  const ran: string[] = [];
  const definition: JobDefinition = {
    name,
    payload: Type.Object({}),
    attempts: 3,
    backoffSeconds: 1,
    backoffLimitSeconds: 1,
    handler: async (_, run) => {
      ran.push(run.id);
    },
  };
  return { definition, ran };
}
