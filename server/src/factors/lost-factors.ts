import { tellOwner } from "../accounts/owner-notices.ts";
import type { User } from "../accounts/record.ts";
import { expectSeldom } from "../accounts/seldom.ts";
import { endTokens } from "../accounts/user-change.ts";
import type { Users } from "../accounts/users.ts";
import type { Audit, AuditEvent } from "../audit/audit.ts";
import type { Db } from "../engines/database/database.ts";
import type { Jobs } from "../engines/jobs/jobs.ts";
import { AppError } from "../errors/errors.ts";
import { type Clock, dayMillis } from "../kernel/clock.ts";
import { randomToken } from "../kernel/ids.ts";
import { limits } from "../kernel/limits.ts";
import type { Log } from "../kernel/log.ts";
import {
  askedSince,
  type CancelledBy,
  endLostFactor,
  findLostFactor,
  findOpen,
  insertLostFactor,
  type LostFactor,
  purgeLostFactors,
} from "./lost-factor-store.ts";
import type { LostFactorTokens } from "./lost-factor-token.ts";
import type { SecondFactors } from "./second-factors.ts";

/**
 * The removal of a second factor that its owner lost, after a delay in which they can say that it wasn't them. Promises: one
 * request at a time for an account and three in thirty days; each is told on every channel, to an address that was replaced
 * within seven days, too, with a link that cancels it; whoever shows that nothing is lost (a log-in past the second factor, a
 * session that is used, a known device where a stranger asked) cancels it as well; other credentials and another second factor
 * make it worthless; of a removal and a cancellation at once exactly one happens (guard: lost-factor.race.test.ts); a removal
 * ends every session. Who may ask is sign-in/lost-factor.ts's to say.
 */
export interface LostFactorsDeps {
  readonly db: Db;
  readonly clock: Clock;
  readonly log: Log;
  readonly audit: Audit;
  readonly jobs: Jobs;
  readonly users: Users;
  readonly secondFactors: Pick<SecondFactors, "drop">;
  readonly lostFactorTokens: LostFactorTokens;
  /** From asking until it may be removed. */
  readonly lostFactorDelaySeconds: number;
}

export type LostFactors = ReturnType<typeof createLostFactors>;

/** How long a ripe request waits for its owner. */
const lapseDays = 7;
const asking = limits["lost-factors"];
const keptDays = 90;

/** Who asks, as the mail about it says. */
export interface AskedFrom {
  readonly device: string;
  readonly network: string;
  readonly isKnown: boolean;
}

type Owner = Pick<User, "id" | "credentials_version" | "second_factor_at">;

export function createLostFactors(deps: LostFactorsDeps) {
  const { db, clock, log, audit, jobs, users } = deps;

  /** Whether it still counts for the account as it is now. */
  function isGood(one: LostFactor, owner: Owner): boolean {
    const isSame =
      one.credentials_version === owner.credentials_version &&
      owner.second_factor_at !== null &&
      owner.second_factor_at <= one.asked_at;
    return isSame && clock.now() < one.lapses_at;
  }

  async function openOf(owner: Owner, from: Db = db): Promise<LostFactor | null> {
    const found = await findOpen(from, owner.id);
    return found !== null && isGood(found, owner) ? found : null;
  }

  async function record(transaction: Db, user: User, event: Pick<AuditEvent, "action" | "before" | "after">) {
    const target = { targetKind: "user", targetId: user.id, target: user.username } as const;
    await audit.record(
      transaction,
      { id: user.id, name: user.username, requestId: null },
      { ...target, ...event },
    );
  }

  const tell = (transaction: Db, user: User, notice: Notice) =>
    tellOwner(jobs, transaction, user, { now: clock.now(), ...notice });

  async function cancelIn(transaction: Db, one: LostFactor, by: CancelledBy): Promise<boolean> {
    // Before its row, as an erasure goes.
    const user = await users.lock(transaction, one.user_id);
    const isEnded = await endLostFactor(transaction, {
      id: one.id,
      ended: "cancelled",
      by,
      now: clock.now(),
    });
    if (!isEnded || user === null) return isEnded;
    await record(transaction, user, {
      ...{ action: "user.lost-factor-cancelled", before: { asked_at: one.asked_at } },
      after: { cancelled_by: by },
    });
    await tell(transaction, user, { kind: "lost_factor_cancelled", cancelledBy: by });
    log.info({ userId: user.id, by }, "the removal of a lost second factor was cancelled");
    return true;
  }

  /** What is open and can still come to something; else nothing is told. */
  async function cancel(owner: Owner, by: CancelledBy): Promise<void> {
    const one = await openOf(owner);
    if (one !== null) await db.transaction((transaction) => cancelIn(transaction, one, by));
  }

  return {
    /** The account's request that still counts. */
    openOf,
    cancel,

    /** As `cancel`, where a stranger's device asked and this one is known. */
    async cancelFromKnown(owner: Owner, isKnown: () => Promise<boolean>): Promise<void> {
      const one = await openOf(owner);
      if (one?.known_device === 0 && (await isKnown())) await cancel(owner, "known_device");
    },

    /** By the link of a mail. What became of it; error: `link_invalid`. */
    async cancelByLink(token: string): Promise<"cancelled" | "done" | "expired"> {
      const id = deps.lostFactorTokens.read(token);
      const one = id === null ? null : await findLostFactor(db, id);
      if (one === null) throw new AppError("link_invalid");
      if (one.ended !== null) return one.ended;
      if (clock.now() >= one.lapses_at) return "expired";
      const isOurs = await db.transaction((transaction) => cancelIn(transaction, one, "link"));
      return isOurs ? "cancelled" : ((await findLostFactor(db, one.id))?.ended ?? "cancelled");
    },

    /** Asks for it; one that is open already goes on. Errors: `second_factor_step_ended`, `throttled`. */
    async ask(seen: User, { device, network, isKnown }: AskedFrom): Promise<LostFactor> {
      return db.transaction(async (transaction) => {
        const user = await users.lockUnchanged(transaction, seen);
        if (user === null || user.second_factor_at === null) throw new AppError("second_factor_step_ended");
        const before = await findOpen(transaction, user.id);
        if (before !== null && isGood(before, user)) return before;
        const now = clock.now();
        if (before !== null)
          await endLostFactor(transaction, { id: before.id, ended: "expired", by: null, now });
        const since = now - asking.windowSeconds * 1000;
        expectSeldom(await askedSince(transaction, user.id, since), asking, now);
        const ripe_at = now + deps.lostFactorDelaySeconds * 1000;
        const asked: LostFactor = {
          ...{ id: randomToken(16), user_id: user.id, credentials_version: user.credentials_version },
          ...{
            asked_at: now,
            ripe_at,
            lapses_at: ripe_at + lapseDays * dayMillis,
            known_device: isKnown ? 1 : 0,
          },
        };
        await insertLostFactor(transaction, asked);
        const { lapses_at } = asked;
        await record(transaction, user, {
          action: "user.lost-factor-asked",
          before: {},
          after: { ripe_at, lapses_at },
        });
        const when = { ripeAt: ripe_at, lapsesAt: lapses_at, request: asked.id };
        await tell(transaction, user, { kind: "lost_factor_asked", device, network, ...when });
        log.info({ userId: user.id, client: network }, "the removal of a lost second factor was asked for");
        return asked;
      });
    },

    /**
     * Removes the second factor and ends every session. Errors: `second_factor_step_ended` where the account changed,
     * `lost_factor_not_ripe` where nothing was asked for, or its time has not come, or is over.
     */
    async finish(seen: User): Promise<void> {
      await db.transaction(async (transaction) => {
        const user = await users.lockUnchanged(transaction, seen);
        if (user === null) throw new AppError("second_factor_step_ended");
        const one = await openOf(user, transaction);
        const now = clock.now();
        const isRipe = one !== null && now >= one.ripe_at;
        if (!isRipe || !(await endLostFactor(transaction, { id: one.id, ended: "done", by: null, now }))) {
          throw new AppError("lost_factor_not_ripe");
        }
        await deps.secondFactors.drop(transaction, user);
        await endTokens(transaction, clock, user.id);
        await record(transaction, user, {
          action: "user.lost-factor-removed",
          before: { second_factor_at: user.second_factor_at },
          after: { second_factor_at: null, asked_at: one.asked_at },
        });
      });
      log.info({ userId: seen.id }, "a lost second factor was removed");
    },

    /** Removes up to `limit` that were asked for ninety days ago. */
    purge: (limit: number): Promise<number> =>
      purgeLostFactors(db, clock.now() - keptDays * dayMillis, limit),
  };
}

type Notice =
  | { readonly kind: "lost_factor_cancelled"; readonly cancelledBy: CancelledBy }
  | ({ readonly kind: "lost_factor_asked"; readonly request: string } & Readonly<
      Record<"device" | "network", string> & Record<"ripeAt" | "lapsesAt", number>
    >);
