import type { Db } from "../engines/database/database.ts";
import type { Jobs } from "../engines/jobs/jobs.ts";
import { replacedEmails } from "./address-changes.ts";
import type { User } from "./record.ts";
import { type SecurityNotice, securityNoticeJob } from "./user-jobs.ts";

/**
 * Tells the owner in the transaction of what happens: at the present address, and at those that it took the place of in the last
 * days, because a thief's may be the present one. `now`: epoch milliseconds.
 */
export async function tellOwner(
  jobs: Pick<Jobs, "enqueueWith">,
  transaction: Db,
  user: User,
  { now, ...notice }: Omit<SecurityNotice, "userId" | "language" | "at" | "to"> & { readonly now: number },
): Promise<void> {
  const earlier = await replacedEmails(transaction, user, now);
  for (const to of [undefined, ...earlier]) {
    await jobs.enqueueWith(transaction, securityNoticeJob, {
      ...{ userId: user.id, language: "unknown", at: now, ...notice },
      ...(to === undefined ? {} : { to }),
    });
  }
}
