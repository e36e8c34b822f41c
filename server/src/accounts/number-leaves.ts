import type { Audit } from "../audit/audit.ts";
import type { Db } from "../engines/database/database.ts";
import type { Jobs } from "../engines/jobs/jobs.ts";
import { AppError } from "../errors/errors.ts";
import { type Clock, dayMillis } from "../kernel/clock.ts";
import { randomToken } from "../kernel/ids.ts";
import { limits } from "../kernel/limits.ts";
import type { Log } from "../kernel/log.ts";
import { keepReplaced } from "./address-changes.ts";
import { writeChanges } from "./change.ts";
import { type ChangeEvents, tellChange } from "./change-events.ts";
import { isMobileProved } from "./mobile.ts";
import { numberLeaveSmsJob } from "./number-leave-sms.ts";
import {
  dueLeaves,
  endLeave,
  findOpenLeave,
  insertLeave,
  type LeaveCancelledBy,
  leavesAskedSince,
  type NumberLeave,
  purgeLeaves,
  worthlessLeaves,
} from "./number-leave-store.ts";
import { tellOwner } from "./owner-notices.ts";
import type { User } from "./record.ts";
import { expectSeldom } from "./seldom.ts";
import type { Users } from "./users.ts";

/**
 * Leaving a proved number that receives nothing any more, after a delay. Promises: it is told at once by mail, to an address that
 * was replaced within seven days, too, and by SMS to the number itself, without which the number stays; one request at a time for an account and three in thirty
 * days; a code to the number that comes back, wherever it was typed, shows that it is not lost (but where the number is stale to who
 * typed it, stale-numbers.ts: theirs may be another one's), and other credentials ("this
 * wasn't me", a new password) that the owner noticed: both make it worthless, as data and not by a call, so that no way in can
 * forget it; of the removal and a cancellation at once exactly one happens; an account that nothing else would open keeps its
 * number. Who may ask is a route's to say. Attack: a stolen session and a stolen mailbox that take the number away (guards:
 * number-leave.test.ts, number-leave.race.test.ts).
 */
export interface NumberLeavesDeps {
  readonly db: Db;
  readonly clock: Clock;
  readonly log: Log;
  readonly audit: Audit;
  readonly events: ChangeEvents;
  readonly jobs: Jobs;
  readonly users: Users;
  /** Whether something else than the number opens the account. Asked within the transaction that has locked it. */
  readonly hasOtherWay: (transaction: Db, user: User) => Promise<boolean>;
  /** Whether the number itself can be told (app/sms.ts). */
  readonly tellsNumbers: boolean;
  /** From asking until the number goes. */
  readonly numberLeaveDays: number;
}

/** Who asks, as the mail about it says. */
export interface LeaveAsker {
  readonly device: string;
  readonly network: string;
  /** By what they showed that they are the owner. */
  readonly proof: string;
}

export type NumberLeaves = ReturnType<typeof createNumberLeaves>;

type Owner = Pick<User, "id" | "credentials_version" | "mobile" | "proved_mobile" | "mobile_proved_at">;

const asking = limits["number-leaves"];
const keptDays = 90;

export function createNumberLeaves(deps: NumberLeavesDeps) {
  const { db, clock, log, audit, jobs, users } = deps;

  /** What has made it worthless; null where it counts. */
  function undoneBy(one: NumberLeave, owner: Owner): LeaveCancelledBy | null {
    // Within its millisecond, too: in doubt the number stays.
    if ((owner.mobile_proved_at ?? 0) >= one.asked_at) return "number";
    const isSame = one.credentials_version === owner.credentials_version && isMobileProved(owner);
    return isSame ? null : "change";
  }

  async function openOf(owner: Owner, from: Db = db): Promise<NumberLeave | null> {
    const found = await findOpenLeave(from, owner.id);
    return found !== null && undoneBy(found, owner) === null ? found : null;
  }

  async function record(transaction: Db, user: User, action: string, after: Record<string, unknown>) {
    await audit.record(
      transaction,
      { id: user.id, name: user.username, requestId: null },
      { action, targetKind: "user", targetId: user.id, target: user.username, before: {}, after },
    );
  }

  const tell = (transaction: Db, user: User, notice: Notice) =>
    tellOwner(jobs, transaction, user, { now: clock.now(), ...notice });

  async function cancelIn(transaction: Db, user: User, one: NumberLeave, by: LeaveCancelledBy) {
    const isEnded = await endLeave(transaction, { id: one.id, ended: "cancelled", by, now: clock.now() });
    if (!isEnded) return;
    await record(transaction, user, "user.number-leave-cancelled", {
      asked_at: one.asked_at,
      cancelled_by: by,
    });
    await tell(transaction, user, { kind: "number_leave_cancelled" });
    log.info({ userId: user.id, by }, "a lost number stays with its account");
  }

  /** Why the number stays at the end of the delay; null where it goes. */
  async function keptBecause(transaction: Db, user: User, { told_at }: NumberLeave) {
    // Whoever has the number may be the owner, and knows nothing of it.
    if (told_at === null) return "the number could not be told";
    const hasOther = await deps.hasOtherWay(transaction, user);
    return hasOther ? null : "nothing else opens the account";
  }

  async function finishIn(transaction: Db, user: User, one: NumberLeave): Promise<void> {
    const now = clock.now();
    const because = await keptBecause(transaction, user, one);
    const ended = because === null ? "done" : "refused";
    if (!(await endLeave(transaction, { id: one.id, ended, by: null, now }))) return;
    if (because !== null) {
      await record(transaction, user, "user.number-leave-refused", { asked_at: one.asked_at, because });
      await tell(transaction, user, { kind: "number_leave_cancelled" });
      log.warn({ userId: user.id, because }, "a lost number stays with its account");
      return;
    }
    const after = await writeChanges(transaction, user, { mobile: null }, { now });
    await keepReplaced(transaction, { before: user, after, now });
    await tellChange(deps.events, transaction, user, after);
    await record(transaction, user, "user.number-left", { asked_at: one.asked_at });
    await tell(transaction, after, { kind: "number_left" });
    log.info({ userId: user.id }, "a lost number was taken from its account");
  }

  /** Takes the number away where that is due, or ends what counts no more. */
  async function settle(userId: number): Promise<void> {
    await db.transaction(async (transaction) => {
      const user = await users.lock(transaction, userId);
      const one = user === null ? null : await findOpenLeave(transaction, userId);
      if (user === null || one === null) return;
      const by = undoneBy(one, user);
      if (by !== null) await cancelIn(transaction, user, one, by);
      else if (one.due_at <= clock.now()) await finishIn(transaction, user, one);
    });
  }

  return {
    delayDays: deps.numberLeaveDays,

    /** The account's request that still counts. */
    async of({ id }: Pick<User, "id">): Promise<NumberLeave | null> {
      const user = await users.byId(id);
      return user === null ? null : openOf(user);
    },

    /**
     * Asks for it; one that is open already goes on. Errors: `number_leave_off` where the number could not be told,
     * `number_leave_none` where there is no proved number, `number_leave_last_way`, `throttled`, `token_expired`.
     */
    async ask(seen: Pick<User, "id" | "credentials_version">, asker: LeaveAsker): Promise<NumberLeave> {
      if (!deps.tellsNumbers) throw new AppError("number_leave_off");
      return db.transaction(async (transaction) => {
        const user = await users.lockUnchanged(transaction, seen);
        if (user === null) throw new AppError("token_expired");
        if (!isMobileProved(user)) throw new AppError("number_leave_none");
        const before = await findOpenLeave(transaction, user.id);
        const by = before === null ? null : undoneBy(before, user);
        if (before !== null && by === null) return before;
        if (before !== null && by !== null) await cancelIn(transaction, user, before, by);
        const now = clock.now();
        const since = now - asking.windowSeconds * 1000;
        expectSeldom(await leavesAskedSince(transaction, user.id, since), asking, now);
        if (!(await deps.hasOtherWay(transaction, user))) throw new AppError("number_leave_last_way");
        const days = deps.numberLeaveDays;
        const asked: NumberLeave = {
          ...{ id: randomToken(16), user_id: user.id, credentials_version: user.credentials_version },
          ...{ asked_at: now, due_at: now + days * dayMillis, told_at: null },
        };
        await insertLeave(transaction, asked);
        await record(transaction, user, "user.number-leave-asked", {
          due_at: asked.due_at,
          proof: asker.proof,
        });
        const { device, network } = asker;
        await tell(transaction, user, { kind: "number_leave_asked", device, network, dueAt: asked.due_at });
        const sms = { userId: user.id, mobile: user.mobile ?? "", days };
        await jobs.enqueueWith(transaction, numberLeaveSmsJob, sms);
        log.info({ userId: user.id, client: network }, "somebody asked to leave a lost number");
        return asked;
      });
    },

    /** Whoever is logged in may: it only keeps what there is. Does nothing where nothing is open. */
    async cancel({ id }: Pick<User, "id">): Promise<void> {
      await db.transaction(async (transaction) => {
        const user = await users.lock(transaction, id);
        const one = user === null ? null : await findOpenLeave(transaction, id);
        if (user !== null && one !== null) await cancelIn(transaction, user, one, "owner");
      });
    },

    settle,

    /** What is due, or worthless by now: a part of the maintenance. Returns how many it saw to. */
    async sweep(limit: number): Promise<number> {
      const isDue = await dueLeaves(db, clock.now(), limit);
      const worthless = await worthlessLeaves(db, limit - isDue.length);
      const accounts = [...new Set([...isDue, ...worthless])];
      for (const userId of accounts) await settle(userId);
      return accounts.length;
    },

    /** Removes up to `limit` that were asked for ninety days ago. */
    purge: (limit: number): Promise<number> => purgeLeaves(db, clock.now() - keptDays * dayMillis, limit),
  };
}

type Notice =
  | { readonly kind: "number_leave_cancelled" | "number_left" }
  | ({ readonly kind: "number_leave_asked"; readonly dueAt: number } & Readonly<
      Record<"device" | "network", string>
    >);
