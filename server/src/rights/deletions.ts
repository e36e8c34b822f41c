import { replacedEmails, settledEmail } from "../accounts/address-changes.ts";
import { writeDeletionDue } from "../accounts/change.ts";
import { isMobileProved } from "../accounts/mobile.ts";
import type { User } from "../accounts/record.ts";
import { expectImpersonal } from "../accounts/staff-reason.ts";
import { refuseLastSuperuser } from "../accounts/user-change.ts";
import type { Users } from "../accounts/users.ts";
import type { Actor, Audit } from "../audit/audit.ts";
import type { Db } from "../engines/database/database.ts";
import type { Jobs } from "../engines/jobs/jobs.ts";
import { AppError } from "../errors/errors.ts";
import { type Clock, dayMillis } from "../kernel/clock.ts";
import type { Log } from "../kernel/log.ts";
import { deletionSmsJob } from "./deletion-sms-job.ts";
import { dueDeletions } from "./deletion-store.ts";
import { eraseAccountJob } from "./erase-account-job.ts";
import { rightsNoticeJob } from "./rights-notice-job.ts";

/**
 * An account's deletion, from asking to the erasure. Promises: asking ends every session and token at once; until the grace is
 * over the owner may log in and cancel, or say in the mail about it that it wasn't them, and nobody else may; after it nothing is cancelled, and the account is erased whatever
 * happens to the process that began (guards: deletion.test.ts, disowned-rights.test.ts, rights.race.test.ts); the last superuser stays; the owner is told,
 * also at an address that was replaced within seven days, which a thief may have done (of those the one that was there first alone gets a
 * link to undo it: deletion-told.test.ts), and at a proved number where there is no confirmed address.
 */
export interface DeletionsDeps {
  readonly db: Db;
  readonly clock: Clock;
  readonly log: Log;
  readonly audit: Audit;
  readonly jobs: Jobs;
  readonly users: Users;
  readonly deletionGraceDays: number;
  /** Whether a number can be told of it (app/sms.ts). */
  readonly tellsNumbers: boolean;
}

/** Who asks, and why. */
export interface DeletionAsked {
  readonly actor: Actor;
  /** Of staff and commands. */
  readonly reason?: string;
  /** Without the grace: a command's. */
  readonly atOnce?: boolean;
}

export type Deletions = ReturnType<typeof createDeletions>;

export function createDeletions(deps: DeletionsDeps) {
  const { db, clock, log, audit, jobs, users } = deps;

  async function tell(
    transaction: Db,
    user: User,
    kind: "deletion_asked" | "deletion_cancelled",
    { at, until }: { readonly at: number; readonly until: number },
  ) {
    const earlier = await replacedEmails(transaction, user, at);
    const settled = earlier.length === 0 ? null : await settledEmail(transaction, user, at);
    for (const to of [undefined, ...earlier]) {
      await jobs.enqueueWith(transaction, rightsNoticeJob, {
        ...{ userId: user.id, kind, language: "unknown", at, until },
        ...(to === undefined ? {} : { to, noUndo: to !== settled }),
      });
    }
    if (kind === "deletion_cancelled" || !deps.tellsNumbers) return;
    // By its mailbox the owner hears of it already.
    if (user.email_verified === 1 || !isMobileProved(user)) return;
    await jobs.enqueueWith(transaction, deletionSmsJob, { userId: user.id, mobile: user.mobile ?? "" });
  }

  function record(
    transaction: Db,
    actor: Actor,
    user: User,
    change: { action: string; before: Record<string, unknown>; after: Record<string, unknown> },
  ) {
    const target = { targetKind: "user", targetId: user.id, target: user.username } as const;
    return audit.record(transaction, actor, { ...target, ...change });
  }

  // One that began stays begun where a clock went back.
  const waits = ({ deletion_due_at: dueAt, erasure_begun_at: begunAt }: User) =>
    dueAt !== null && dueAt > clock.now() && begunAt === null;

  async function cancelIn(transaction: Db, user: User): Promise<void> {
    const now = clock.now();
    await writeDeletionDue(transaction, user.id, null, now);
    await record(transaction, { id: user.id, name: user.username, requestId: null }, user, {
      ...{ action: "user.deletion-cancelled", before: { deletion_due_at: user.deletion_due_at } },
      after: { deletion_due_at: null },
    });
    await tell(transaction, user, "deletion_cancelled", { at: now, until: now });
    log.info({ userId: user.id }, "an account's deletion was cancelled");
  }

  return {
    graceDays: deps.deletionGraceDays,

    /**
     * Asks, within the caller's transaction; returns from when on the account is erased, epoch milliseconds. One that waits
     * already stays as it is. `seen`: what the caller judged. Errors: `not_found`, `last_superuser`,
     * `invalid_fields` for a reason that names somebody.
     */
    async ask(
      transaction: Db,
      seen: User,
      { actor, reason, atOnce = false }: DeletionAsked,
    ): Promise<number> {
      expectImpersonal(reason);
      // The superusers' rows first, in their order, or two of them wait for each other.
      if (seen.is_superuser === 1 && seen.is_active === 1) await refuseLastSuperuser(transaction, seen.id);
      const user = await users.lock(transaction, seen.id);
      if (user === null || user.is_superuser !== seen.is_superuser) throw new AppError("not_found");
      const now = clock.now();
      const dueAt = atOnce ? now : (user.deletion_due_at ?? now + deps.deletionGraceDays * dayMillis);
      if (dueAt === user.deletion_due_at) return dueAt;
      await writeDeletionDue(transaction, user.id, dueAt, now);
      await record(transaction, actor, user, {
        ...{ action: "user.deletion-asked", before: { deletion_due_at: user.deletion_due_at } },
        after: { deletion_due_at: dueAt, ...(reason === undefined ? {} : { reason }) },
      });
      if (dueAt > now) await tell(transaction, user, "deletion_asked", { at: now, until: dueAt });
      else await jobs.enqueueWith(transaction, eraseAccountJob, { userId: user.id });
      log.info({ userId: user.id, dueAt }, "an account's deletion was asked for");
      return dueAt;
    },

    /** Error: `deletion_not_pending` where nobody asked, or the grace is over. Returns the account as it is then. */
    async cancel(seen: Pick<User, "id" | "credentials_version">): Promise<User> {
      return db.transaction(async (transaction) => {
        const user = await users.lockUnchanged(transaction, seen);
        if (user === null || !waits(user)) throw new AppError("deletion_not_pending");
        await cancelIn(transaction, user);
        return { ...user, deletion_due_at: null };
      });
    },

    /**
     * Cancels, within the caller's transaction, what was asked at `since` (epoch milliseconds) or later, for an owner who says that
     * it wasn't them. `user` as it was locked, before its tokens were ended: asking was what ended them last. One of a disabled account
     * stays, as its log-in would cancel nothing either.
     */
    async cancelSince(transaction: Db, user: User, since: number): Promise<void> {
      const isSince = (user.credentials_changed_at ?? 0) >= since;
      if (isSince && user.is_active === 1 && waits(user)) await cancelIn(transaction, user);
    },

    /** Sees to it that what is due is erased, also where the queue was lost; returns how many it saw, 0 at the end. */
    async sweep(limit: number): Promise<number> {
      const due = await dueDeletions(db, clock.now(), limit);
      // One in the queue at a time. One that failed for good is seen by whoever looks at dead letters.
      for (const id of due)
        await jobs.enqueue(eraseAccountJob, { userId: id }, { id: `erase-account-${id}` });
      return 0;
    },
  };
}
