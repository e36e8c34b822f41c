import type { User } from "../accounts/record.ts";
import { securityNoticeJob } from "../accounts/user-jobs.ts";
import type { Users } from "../accounts/users.ts";
import type { Audit } from "../audit/audit.ts";
import { browserName } from "../devices/browser-name.ts";
import type { Db } from "../engines/database/database.ts";
import type { Jobs } from "../engines/jobs/jobs.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Log } from "../kernel/log.ts";
import { endSession } from "./session-store.ts";

export interface ReplayDeps {
  readonly db: Db;
  readonly clock: Clock;
  readonly log: Log;
  readonly jobs: Jobs;
  readonly audit: Audit;
  readonly users: Pick<Users, "lock">;
}

/** As the row has it: of the last renewal. */
interface Replayed {
  readonly id: string;
  readonly userAgent: string;
  readonly network: string;
}

/**
 * Ends a session of which something was shown that had been replaced: somebody has a copy. Its owner is mailed and the
 * audit log keeps it, once.
 */
export async function endReplayed(deps: ReplayDeps, session: Replayed, account: User): Promise<void> {
  const { db, clock, log, jobs, audit, users } = deps;
  const now = clock.now();
  const device = await browserName(session.userAgent);
  const isEnded = await db.transaction(async (transaction) => {
    // Before the session, as an erasure goes.
    if ((await users.lock(transaction, account.id)) === null) return false;
    const end = { id: session.id, userId: account.id, now, by: "replayed" };
    if (!(await endSession(transaction, end))) return false;
    await audit.record(
      transaction,
      { id: null, name: "(refresh)", requestId: null },
      {
        ...{ action: "session.replayed", targetKind: "user", targetId: account.id, target: account.username },
        ...{ before: { session: session.id }, after: { session: null } },
      },
    );
    const notice = { userId: account.id, kind: "session_replayed", language: "unknown", at: now } as const;
    await jobs.enqueueWith(transaction, securityNoticeJob, { ...notice, device, network: session.network });
    return true;
  });
  if (isEnded)
    log.warn({ userId: account.id }, "a replaced refresh token or cookie was shown: session ended");
}
