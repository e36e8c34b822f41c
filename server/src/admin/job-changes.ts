import type { Audit } from "../audit/audit.ts";
import type { Db } from "../engines/database/database.ts";
import type { JobsAdmin } from "../engines/jobs/jobs.ts";
import { AppError } from "../errors/errors.ts";
import type { Administrator } from "./administrator.ts";

export interface JobChangesDeps {
  readonly db: Db;
  readonly audit: Audit;
  readonly jobs: Pick<JobsAdmin, "show" | "retry" | "discard">;
}

/** "retry": a dead job is put back. "discard": one that waits or is dead is removed, for good. */
export const jobVerbs = ["retry", "discard"] as const;
export type JobVerb = (typeof jobVerbs)[number];

/** What is done to one background job, with its entry in the audit log. */
export function createJobChanges({ db, audit, jobs }: JobChangesDeps) {
  /** Error: `not_found` for one that is none, or in no state for it. */
  return async (actor: Administrator, id: string, verb: JobVerb): Promise<void> => {
    const job = await jobs.show(id);
    if (job === null || (await jobs[verb](id)) === 0) throw new AppError("not_found");
    // Jobs may be in Redis, so that no transaction has both.
    await db.transaction((transaction) =>
      audit.record(transaction, actor, {
        ...{ action: `job.${verb}`, targetKind: "system", targetId: 0, target: `${job.name} ${id}` },
        ...{ before: { state: job.state }, after: { state: verb === "retry" ? "waiting" : "removed" } },
      }),
    );
  };
}
