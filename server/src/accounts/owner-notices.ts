import type { Db } from "../engines/database/database.ts";
import type { Jobs } from "../engines/jobs/jobs.ts";
import { replacedEmails, settledEmail } from "./address-changes.ts";
import { isMobileProved } from "./mobile.ts";
import type { User } from "./record.ts";
import { type SecurityNotice, securityNoticeJob } from "./user-jobs.ts";

/**
 * Tells the owner in the transaction of what happens: at the present address, and at those that it took the place of in the last
 * days, because a thief's may be the present one; of those the one that was there first alone gets a link to undo it (address-notices.ts). `now`: epoch milliseconds.
 */
export async function tellOwner(
  jobs: Pick<Jobs, "enqueueWith">,
  transaction: Db,
  user: User,
  { now, ...notice }: Omit<SecurityNotice, "userId" | "language" | "at" | "to"> & { readonly now: number },
): Promise<void> {
  const earlier = await replacedEmails(transaction, user, now);
  const settled = earlier.length === 0 ? null : await settledEmail(transaction, user, now);
  for (const to of [undefined, ...earlier]) {
    await jobs.enqueueWith(transaction, securityNoticeJob, {
      ...{ userId: user.id, language: "unknown", at: now, ...notice },
      ...(to === undefined ? {} : { to, noUndo: to !== settled }),
    });
  }
}

interface Changed {
  readonly before: User;
  readonly after: User;
  readonly now: number;
}

/**
 * The same of a mobile number that its owner, or staff, gave the account, took from it, or proved: a code to it logs in. In the
 * transaction of the change; nothing where the number is as it was.
 */
export async function tellNumberChange(
  jobs: Pick<Jobs, "enqueueWith">,
  transaction: Db,
  { before, after, now }: Changed,
): Promise<void> {
  const isProvedNow = isMobileProved(after) && !isMobileProved(before);
  if (before.mobile === after.mobile && !isProvedNow) return;
  const isOther = before.mobile !== null && before.mobile !== after.mobile;
  const kind = after.mobile === null ? "number_removed" : isOther ? "number_changed" : "number_added";
  await tellOwner(jobs, transaction, after, { kind, now });
}

/** The same of what staff changed, at the address that was there before: its owner must know if this was not their wish. */
export async function tellStaffChange(
  jobs: Pick<Jobs, "enqueueWith">,
  transaction: Db,
  { before, after, now }: Changed,
): Promise<void> {
  if (before.email !== null && before.email !== after.email) {
    // The request speaks the administrator's language, not the owner's.
    const notice = { kind: "email_changed" as const, language: "unknown", userId: after.id, at: now };
    await jobs.enqueueWith(transaction, securityNoticeJob, { ...notice, to: before.email });
  }
  await tellNumberChange(jobs, transaction, { before, after, now });
}
