import type { Db } from "../engines/database/database.ts";
import type { Jobs } from "../engines/jobs/jobs.ts";
import { nameKey } from "../kernel/name-key.ts";
import { writeChanges } from "./change.ts";
import { setNumberFree } from "./held-name-store.ts";
import { isMobileProved } from "./mobile.ts";
import { numberUsedAt, type StaleHolder } from "./stale-numbers.ts";
import { securityNoticeJob } from "./user-jobs.ts";
import { findUserByLoginName, lockUser } from "./user-store.ts";
import type { Users } from "./users.ts";

export interface NumberTaken {
  /** Whose it becomes; null for an account that is only made. */
  readonly userId: number | null;
  readonly users: Pick<Users, "freeErasedNumber">;
  readonly jobs: Jobs;
  readonly now: number;
  readonly loser: StaleHolder | null;
}

/**
 * Makes room for whoever has just proved a number, in the transaction that gives it to them. Promises: an account that
 * merely claims it loses it, and is told by mail, where it has an address; one that proved it keeps it, unless that is
 * so long ago that `loser` names it (stale-numbers.ts) and it was not used meanwhile; a number that was
 * given up, also by an account that was erased, is nobody's to keep from who holds it now, as no token names one (held-name-store.ts). Attack: claiming
 * somebody's number first, to keep them from it (guards: mobile-sign-in.test.ts, mobile-sign-up.race.test.ts). `now` in
 * epoch milliseconds.
 */
export async function takeClaimedNumber(
  transaction: Db,
  mobile: string,
  { userId, users, jobs, now, loser }: NumberTaken,
): Promise<void> {
  const claimer = await findUserByLoginName(transaction, mobile);
  if (claimer !== null && claimer.id !== userId && claimer.mobile === mobile) {
    const locked = await lockUser(transaction, claimer.id);
    if (locked?.mobile !== mobile) return;
    const isLost = locked.id === loser?.id && numberUsedAt(locked) === loser.usedAt;
    if (isMobileProved(locked) && !isLost) return;
    await writeChanges(transaction, locked, { mobile: null }, { now });
    await jobs.enqueueWith(transaction, securityNoticeJob, {
      // Whoever proved it is not this owner, so their language says nothing of this owner's.
      ...{ userId: locked.id, kind: "mobile_lost", language: "unknown", at: now },
    });
  }
  await setNumberFree(transaction, nameKey(mobile));
  await users.freeErasedNumber(transaction, mobile);
}
