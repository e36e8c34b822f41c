import { longestGraceMillis } from "../accounts/change.ts";
import { expectImpersonal } from "../accounts/staff-reason.ts";
import type { Users } from "../accounts/users.ts";
import type { Audit } from "../audit/audit.ts";
import { type Db, statement } from "../engines/database/database.ts";
import type { Jobs } from "../engines/jobs/jobs.ts";
import { AppError, invalidFields } from "../errors/errors.ts";
import type { CallingService } from "../http/authentication.ts";
import type { Clock } from "../kernel/clock.ts";
import { eraseAccountJob } from "./erase-account-job.ts";
import { afterWorkingDays } from "./working-days.ts";

/**
 * Services that were told of a deletion (webhooks: `user.deletion_requested`) and have something open with the person. Promises: a
 * hold has a service, a reason and an end, and ends at the latest fifteen working days after the deletion was asked for, whoever
 * holds and however often; silence is no hold; what is erased, or begins to be, can't be held, and of what is held nothing is
 * begun, whatever comes at once (guards: deletion-holds.test.ts, rights.race.test.ts).
 */
interface HoldRow {
  readonly user_id: number;
  readonly service: string;
  readonly reason: string;
  readonly held_at: number;
  readonly held_until: number;
}

declare module "../engines/database/tables.ts" {
  interface Tables {
    deletion_holds: { -readonly [Name in keyof HoldRow]: HoldRow[Name] };
  }
}

export interface DeletionHoldsDeps {
  readonly db: Db;
  readonly clock: Clock;
  readonly audit: Audit;
  readonly users: Users;
  readonly jobs: Pick<Jobs, "enqueueWith">;
}

const mostWorkingDays = 15;

const lastEnd = statement("deletion_holds.lastEnd", (db, values: { userId: number; now: number }) =>
  db
    .selectFrom("deletion_holds")
    .select("held_until")
    .where("user_id", "=", values.userId)
    .where("held_until", ">", values.now)
    .orderBy("held_until", "desc")
    .limit(1),
);

/** Until when somebody has the erasure wait, as it stands now; null for nobody. */
export const heldUntil = async (db: Db, userId: number, now: number): Promise<number | null> =>
  (await db.first(lastEnd, { userId, now }))?.held_until ?? null;

/** Whether somebody has the erasure wait now. */
export const isHeld = async (db: Db, userId: number, now: number): Promise<boolean> =>
  (await heldUntil(db, userId, now)) !== null;

const purge = statement("deletion_holds.purge", (db, values: { now: number; limit: number }) =>
  db
    .deleteFrom("deletion_holds")
    .where((row) =>
      row(row.refTuple("user_id", "service"), "in", (old) =>
        old
          .selectFrom("deletion_holds")
          .select(["user_id", "service"])
          .where("held_until", "<=", values.now)
          .limit(values.limit)
          .$asTuple("user_id", "service"),
      ),
    )
    .returning("user_id"),
);

/** Removes up to `limit` that have ended; returns how many. */
export const purgeHolds = async (db: Db, now: number, limit: number): Promise<number> =>
  (await db.all(purge, { now, limit })).length;

export type DeletionHolds = ReturnType<typeof createDeletionHolds>;

export function createDeletionHolds({ db, clock, audit, users, jobs }: DeletionHoldsDeps) {
  const actorOf = ({ name }: CallingService, requestId: string) => ({
    ...{ id: null, name: `service:${name}`, requestId },
  });
  const about = (id: number, target: string) => ({ targetKind: "user", targetId: id, target }) as const;

  return {
    /**
     * Has the erasure wait until `until`, or until the latest time there can be, which it returns. Errors: `not_found`,
     * `deletion_not_pending`, `erasure_under_way`, `invalid_fields` for a time that is past or a reason that names somebody.
     */
    hold: (
      service: CallingService,
      requestId: string,
      { userId, reason, until }: { readonly userId: number; readonly reason: string; readonly until: number },
    ): Promise<number> =>
      db.transaction(async (transaction) => {
        expectImpersonal(reason);
        const user = await users.lock(transaction, userId);
        if (user === null) throw new AppError("not_found");
        if (user.deletion_due_at === null) throw new AppError("deletion_not_pending");
        // Third parties are told by now, and so may the owner be.
        if (user.erasure_begun_at !== null) {
          throw new AppError("erasure_under_way", { answer: { code: "erasure_under_way" } });
        }
        const now = clock.now();
        const askedAt = Math.min(now, user.deletion_asked_at ?? user.deletion_due_at - longestGraceMillis);
        const end = Math.min(until, afterWorkingDays(askedAt, mostWorkingDays));
        if (end <= now) throw invalidFields({ field: "until", code: "hold_too_late" });
        await transaction.kysely
          .insertInto("deletion_holds")
          .values({ user_id: userId, service: service.name, reason, held_at: now, held_until: end })
          .onConflict((conflict) =>
            conflict.columns(["user_id", "service"]).doUpdateSet({ reason, held_until: end }),
          )
          .execute();
        await audit.record(transaction, actorOf(service, requestId), {
          ...{ action: "user.deletion-held", ...about(userId, user.username), before: {} },
          after: { reason, until_at: end },
        });
        return end;
      }),

    /** Errors: `not_found` where the service holds nothing. */
    release: (service: CallingService, requestId: string, userId: number): Promise<void> =>
      db.transaction(async (transaction) => {
        const user = await users.lock(transaction, userId);
        const gone = await transaction.kysely
          .deleteFrom("deletion_holds")
          .where("user_id", "=", userId)
          .where("service", "=", service.name)
          .returning("reason")
          .executeTakeFirst();
        if (user === null || gone === undefined) throw new AppError("not_found");
        await audit.record(transaction, actorOf(service, requestId), {
          ...{ action: "user.deletion-released", ...about(userId, user.username) },
          ...{ before: { reason: gone.reason }, after: {} },
        });
        const isDue = user.deletion_due_at !== null && user.deletion_due_at <= clock.now();
        // Its time was over while it was held; the job that came then did nothing.
        if (isDue) await jobs.enqueueWith(transaction, eraseAccountJob, { userId });
      }),
  };
}
