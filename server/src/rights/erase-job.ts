import type { ErasedNames } from "../accounts/erased-names.ts";
import { isMobileProved } from "../accounts/mobile.ts";
import type { User } from "../accounts/record.ts";
import { toldAddress } from "../accounts/told-address.ts";
import type { Users } from "../accounts/users.ts";
import type { Avatars } from "../avatars/avatars.ts";
import type { Db } from "../engines/database/database.ts";
import { attemptsWithin } from "../engines/jobs/job-definitions.ts";
import {
  type JobDefinition,
  type JobRun,
  type Jobs,
  type JobsAdmin,
  PermanentFailure,
} from "../engines/jobs/jobs.ts";
import type { Mailer } from "../engines/mail/mail.ts";
import type { RenderMail } from "../engines/mail/templates/render-mail.ts";
import type { Events } from "../events/events.ts";
import type { Clock } from "../kernel/clock.ts";
import { readableEmail } from "../kernel/email-address.ts";
import type { SecretKeys } from "../kernel/keys.ts";
import type { Log } from "../kernel/log.ts";
import type { NoteErased } from "./deleted-list.ts";
import { heldUntil } from "./deletion-holds.ts";
import { beginErasure, eraseAccount } from "./erase.ts";
import { eraseAccountJob } from "./erase-account-job.ts";
import type { TellErased } from "./erased-sms.ts";

/**
 * Erases an account whose grace is over. It begins by a decision that no service's hold can come behind: whoever is told is told the
 * truth. The last mail is sent before: afterwards nobody knows the address, and a job that
 * carried it would be one more place to clear. So is the last SMS, to a proved number where there is no confirmed address. A server that
 * takes neither does not keep anybody's data: after three runs the account is erased without a word, and at once where it takes none for
 * good (attack: an address that takes no mail, which made the erasure a dead letter; guard: erased-sms.test.ts). What third parties gave is taken back there first, for about an hour where one is down; then
 * the account is erased all the same (guard: revocation.test.ts).
 */
const backoff = { backoffSeconds: 30, backoffLimitSeconds: 3600 };
const runsToTell = 3;
const runsWithRevocation = 8;

export interface EraseJobDeps {
  readonly db: Db;
  readonly clock: Clock;
  readonly log: Log;
  readonly users: Users;
  readonly mailer: Mailer;
  readonly renderMail: RenderMail;
  readonly erasedNames: ErasedNames;
  readonly secretKeys: SecretKeys;
  readonly siteUrl: string;
  /** See told-address.ts. */
  readonly hasPendingEmails: boolean;
  readonly events: Pick<Events, "record">;
  readonly avatars: Pick<Avatars, "sweep">;
  /** Takes back what third parties gave the account (identities/bindings/grants.ts). */
  readonly revokeGrants: (userId: number) => Promise<void>;
  /** Null where no number can be told (app/sms.ts). */
  readonly tellErased: TellErased | null;
  readonly noteErased: NoteErased;
  /** The queue, which is open by the time a job runs. */
  readonly queue: () => Pick<JobsAdmin, "forget">;
  readonly jobs: () => Pick<Jobs, "enqueue" | "enqueueWith">;
}

export function eraseAccountDefinition(deps: EraseJobDeps): JobDefinition<typeof eraseAccountJob.payload> {
  const { clock, log } = deps;
  return {
    ...eraseAccountJob,
    attempts: attemptsWithin(7 * 24 * 3600, backoff),
    ...backoff,
    async handler({ userId }, run) {
      const user = await beginErasure(deps, userId);
      if (user === null) return later(userId);
      await deps.revokeGrants(userId).catch((error: unknown) => {
        if (run.attempt < runsWithRevocation) throw error;
        log.warn({ err: error, userId }, "an account is erased, and a third party did not revoke its grant");
      });
      const failures = await tellOwner(deps, user, run);
      const passing = failures.filter((error) => !(error instanceof PermanentFailure));
      if (passing.length > 0 && run.attempt < runsToTell) throw passing[0];
      for (const error of failures) {
        log.warn({ err: error, userId }, "an account is erased, and its owner could not be told");
      }
      if (!(await eraseAccount({ ...deps, queue: deps.queue(), jobs: deps.jobs() }, user))) return;
      // Its pictures now, and again until the store has given them up.
      await deps.avatars.sweep(10);
      log.info({ userId }, "an account was erased");
      await deps.noteErased(userId);
    },
  };

  /**
   * One that a service holds, or that is due by another machine's clock alone, comes again then: the sweep's own job of this account
   * stays done for a day, and no second one gets its id.
   */
  async function later(userId: number): Promise<void> {
    const dueAt = (await deps.users.byId(userId))?.deletion_due_at ?? null;
    if (dueAt === null) return;
    const now = clock.now();
    const at = Math.max(dueAt, (await heldUntil(deps.db, userId, now)) ?? 0);
    await deps
      .jobs()
      .enqueue(
        eraseAccountJob,
        { userId },
        { id: `erase-account-${userId}-${at}`, delaySeconds: Math.max(1, Math.ceil((at - now) / 1000)) },
      );
  }
}

/**
 * By mail and by SMS, neither of which waits for the other; returns what failed. Each once more where the other failed: each has an id of
 * its own that stays, by which who sends it knows it again.
 */
async function tellOwner(deps: EraseJobDeps, user: User, run: JobRun): Promise<unknown[]> {
  const told = await Promise.allSettled([mailOwner(deps, user, run), textOwner(deps, user, run)]);
  return told.flatMap((one) => (one.status === "rejected" ? [one.reason] : []));
}

async function mailOwner(deps: EraseJobDeps, user: User, run: JobRun): Promise<void> {
  const to = await toldAddress(deps.db, user, deps.hasPendingEmails);
  if (to === null) return;
  const { siteUrl, clock } = deps;
  const values = { siteUrl, username: readableEmail(user.username), at: clock.now() };
  const mail = deps.renderMail("account_deleted", "unknown", values);
  await deps.mailer.send({ ...mail, kind: "account_deleted", to, messageId: run.id }, run.signal);
}

async function textOwner(deps: EraseJobDeps, user: User, run: JobRun): Promise<void> {
  if (deps.tellErased === null || user.email_verified === 1 || !isMobileProved(user)) return;
  await deps.tellErased(user.mobile ?? "", run);
}
