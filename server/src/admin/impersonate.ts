import { lockInOrder } from "../accounts/lock-in-order.ts";
import { tellOwner } from "../accounts/owner-notices.ts";
import type { User } from "../accounts/record.ts";
import { expectImpersonal } from "../accounts/staff-reason.ts";
import type { Users } from "../accounts/users.ts";
import type { Audit } from "../audit/audit.ts";
import type { Db } from "../engines/database/database.ts";
import type { Jobs } from "../engines/jobs/jobs.ts";
import { AppError } from "../errors/errors.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Impersonations } from "../sessions/impersonations.ts";
import type { Door } from "../sign-in/complete.ts";
import type { Administrator, Limits } from "./administrator.ts";
import { impersonationSmsJob, numberToTell } from "./impersonation-sms-job.ts";

/**
 * Acting in an owner's place: who may begin it, in whose place, and how it is told. Promises: off unless the site switches it on;
 * only by a person, from a session of their own, with a reason; never in their own place, in that of staff or of anybody who may do
 * something that they may not, nor in an account that is disabled or about to be deleted; one at a time of each, so that there is no
 * chain; the session, the entry of the audit log and what tells the owner commit together, under the lock on both accounts. So whoever
 * disables either at the same moment wins (guards: impersonation.test.ts, impersonation.race.test.ts).
 */
export interface ImpersonateDeps {
  readonly db: Db;
  readonly clock: Clock;
  readonly audit: Audit;
  readonly jobs: Jobs;
  readonly users: Users;
  readonly limits: Limits;
  readonly impersonations: Impersonations;
  readonly door: Pick<Door, "impersonate">;
  /** Whether a number can be told what is no code. */
  readonly tellsNumbers: boolean;
}

export interface Begun {
  /** Good until `endsAt`, and renewed by nothing. */
  readonly token: string;
  readonly account: User;
  /** Epoch milliseconds. */
  readonly endsAt: number;
}

export type Impersonate = ReturnType<typeof createImpersonate>;

export function createImpersonate(deps: ImpersonateDeps) {
  const { db, clock, audit, users, limits, impersonations, door } = deps;

  async function expectMay(actor: Administrator, target: User): Promise<void> {
    const isTheirs = actor.id === target.id;
    const isStaff = target.is_staff === 1 || target.is_superuser === 1;
    const isAway = target.is_active === 0 || target.deletion_due_at !== null;
    if (isTheirs || isStaff || isAway) throw new AppError("impersonation_refused");
    await limits.mayTouch(actor, target);
  }

  /**
   * Both accounts as they are, and with them those that the caller is in now: before their sessions, as an erasure goes (guard:
   * erasure-order.race.test.ts). Error: `token_expired` where the caller's is none any more.
   */
  async function lockBoth(transaction: Db, caller: Caller, id: number): Promise<User> {
    const others = await impersonations.ownersOf(transaction, caller.id);
    const locked = await lockInOrder(users, transaction, [...new Set([caller.id, id, ...others])]);
    const own = locked.get(caller.id);
    if (own?.is_active !== 1 || own.credentials_version !== caller.credentials_version) {
      throw new AppError("token_expired");
    }
    const target = locked.get(id);
    if (target === undefined || target === null) throw new AppError("not_found");
    return target;
  }

  /** Of who begins another one, the one before is over. */
  async function endOwn(transaction: Db, actor: Administrator & { readonly id: number }): Promise<void> {
    for (const id of await impersonations.endBy(transaction, actor.id)) {
      const before = await users.byId(id, transaction);
      if (before !== null) await impersonations.recordEnd(transaction, actor, before);
    }
  }

  async function tell(transaction: Db, target: User, endsAt: number): Promise<void> {
    const notice = { kind: "impersonation_begun" as const, noUndo: true, dueAt: endsAt };
    await tellOwner(deps.jobs, transaction, target, { ...notice, now: clock.now() });
    const mobile = deps.tellsNumbers ? numberToTell(target) : null;
    if (mobile === null) return;
    await deps.jobs.enqueueWith(transaction, impersonationSmsJob, { userId: target.id, mobile });
  }

  return {
    isOn: impersonations.settings.isOn,

    list: impersonations.list,

    /**
     * Errors: `impersonation_off`, `impersonation_no_session`, `not_found`, `impersonation_refused`, `forbidden`,
     * `impersonation_under_way` where somebody else does, `hook_refused`, `unavailable`, `token_expired`.
     */
    async begin(actor: Administrator, caller: Caller, id: number, reason: string): Promise<Begun> {
      if (!impersonations.settings.isOn) throw new AppError("impersonation_off");
      expectImpersonal(reason);
      const { session_id: ownSession } = caller;
      if (actor.id === null || !ownSession) throw new AppError("impersonation_no_session");
      const seen = await users.byId(id);
      if (seen === null) throw new AppError("not_found");
      await expectMay(actor, seen);
      return door.impersonate(seen, actor.id, () =>
        db.transaction(async (transaction) => {
          const account = await lockBoth(transaction, caller, id);
          await expectMay(actor, account);
          await endOwn(transaction, actor);
          const others = await impersonations.list(id, transaction);
          if (others.length > 0) throw new AppError("impersonation_under_way");
          const parties = { user: account, impersonator: actor.id, ownSession };
          const session = await impersonations.open(transaction, parties);
          await audit.record(transaction, actor, {
            ...{ action: "user.impersonate", targetKind: "user", targetId: id, target: account.username },
            before: { is_impersonated: false },
            after: { is_impersonated: true, reason, ends_at: new Date(session.endsAt).toISOString() },
          });
          await tell(transaction, account, session.endsAt);
          return { ...session, account };
        }),
      );
    },

    /** Ends what is under way in the account, whoever does it. Errors: `not_found` where nobody does, `forbidden`. */
    async end(actor: Administrator, id: number): Promise<void> {
      const target = await users.byId(id);
      if (target === null) throw new AppError("not_found");
      await limits.mayTouch(actor, target);
      const found = await impersonations.list(id);
      if (found.length === 0) throw new AppError("not_found");
      for (const { id: session } of found) {
        await impersonations.end(actor, target, { session, by: "staff" });
      }
    },
  };
}

/** Who asks, as the request knows them. */
interface Caller {
  readonly id: number;
  readonly credentials_version: number;
  readonly session_id?: string | null;
}
