import { keepReplaced } from "../accounts/address-changes.ts";
import { moveNames } from "../accounts/change.ts";
import { type ChangeEvents, tellChange } from "../accounts/change-events.ts";
import type { ErasedNames } from "../accounts/erased-names.ts";
import { moveRows } from "../accounts/join-rows.ts";
import { lockInOrder } from "../accounts/lock-in-order.ts";
import { isMobileProved } from "../accounts/mobile.ts";
import { tellOwner } from "../accounts/owner-notices.ts";
import { operatorValues, type User } from "../accounts/record.ts";
import { expectSeldom } from "../accounts/seldom.ts";
import { expectImpersonal } from "../accounts/staff-reason.ts";
import { securityNoticeJob } from "../accounts/user-jobs.ts";
import type { Users } from "../accounts/users.ts";
import { moveAddresses } from "../addresses/join-addresses.ts";
import type { Actor, Audit } from "../audit/audit.ts";
import { pseudonymOf } from "../audit/without-values.ts";
import { joinAvatars } from "../avatars/avatar-owners.ts";
import type { Db } from "../engines/database/database.ts";
import type { Jobs } from "../engines/jobs/jobs.ts";
import { AppError } from "../errors/errors.ts";
import { moveBindings } from "../identities/bindings/join-bindings.ts";
import type { Clock } from "../kernel/clock.ts";
import { readableEmail } from "../kernel/email-address.ts";
import type { SecretKeys } from "../kernel/keys.ts";
import { limits } from "../kernel/limits.ts";
import type { Log } from "../kernel/log.ts";
import { nameKeys } from "../kernel/name-key.ts";
import { eraseWithin, keysOf } from "../rights/erase.ts";
import { eraseTracesJob } from "../rights/erase-traces-job.ts";
import { forgetInNotes, type NotesSeen } from "../rights/forget-written.ts";
import { forgetJoinedJob } from "./forget-joined-job.ts";
import { noticesEndedSeconds } from "./join-notices.ts";
import { type JoinPlan, type JoinPlanDeps, planJoin } from "./join-plan.ts";
import { insertJoin, joinsSince, passJoinsOn } from "./join-store.ts";
import { joinedSmsJob } from "./joined-sms-job.ts";

/**
 * Two accounts of one person become one: the one that stays ("kept") takes over what the other ("joined") has, and the other is erased.
 * Promises: all of it in one transaction, or nothing; both rows are locked, in the order of their ids, and both accounts are as they
 * were when they were proved, so that a deletion, a new password, a grant or another join at the same moment comes before or after it
 * (guard: joining.race.test.ts); what is done is what the plan of the caller's digest said; the joined account's id is never used
 * again, and other programs are told both ids; the owner is told at the addresses of both. Who may ask is for routes and commands.
 */
export interface JoinsDeps extends JoinPlanDeps {
  readonly db: Db;
  readonly clock: Clock;
  readonly log: Log;
  readonly audit: Audit;
  readonly events: ChangeEvents;
  readonly jobs: Pick<Jobs, "enqueueWith">;
  readonly users: Pick<Users, "lock" | "byId" | "setProviderFace">;
  readonly erasedNames: ErasedNames;
  readonly secretKeys: SecretKeys;
  /** Whether a number can be told of it (app/sms.ts). */
  readonly tellsNumbers: boolean;
}

/** The two accounts as they were proved. */
export interface Joining {
  readonly kept: Pick<User, "id" | "credentials_version">;
  readonly joined: Pick<User, "id" | "credentials_version">;
}

export interface JoinAsked {
  readonly actor: Actor;
  readonly by: "owner" | "operator";
  readonly digest: string;
  /** Of an operator. */
  readonly reason?: string;
  /** After a restore: the owner was told when it was done the first time. */
  readonly isAgain?: true;
  /** What `forgetNotes` has gone through; without it that is done within the transaction. */
  readonly notesSeen?: NotesSeen;
}

export interface Preview {
  readonly kept: User;
  readonly joined: User;
  readonly plan: JoinPlan;
}

export type Joins = ReturnType<typeof createJoins>;

const asking = limits.joins;

export function createJoins(deps: JoinsDeps) {
  const { db, clock, log, audit, jobs, users } = deps;

  /** Error: `joining_ticket_invalid` where either is gone or has other credentials by now. */
  async function lockBoth(transaction: Db, { kept, joined }: Joining): Promise<{ kept: User; joined: User }> {
    const locked = await lockInOrder(users, transaction, [kept.id, joined.id]);
    return { kept: unchanged(locked.get(kept.id), kept), joined: unchanged(locked.get(joined.id), joined) };
  }

  async function record(transaction: Db, before: User, after: User, joined: User, asked: JoinAsked) {
    const [was, is] = [operatorValues(before), operatorValues(after)];
    const { actor, by, reason } = asked;
    const why = { by, ...(reason === undefined ? {} : { reason }) };
    await audit.record(transaction, actor, {
      ...{ action: "user.join", targetKind: "user", targetId: before.id, target: before.username },
      ...{ before: { ...was }, after: { ...is, joined_id: joined.id, ...why } },
    });
    // Of the other nothing personal is left, so its entry has none either, nor what an operator wrote of why.
    await audit.record(
      transaction,
      actor.id === joined.id ? { ...actor, name: pseudonymOf(joined.id) } : actor,
      {
        ...{ action: "user.joined-away", targetKind: "user", targetId: joined.id },
        ...{ target: pseudonymOf(joined.id), before: {}, after: { kept_id: before.id, by } },
      },
    );
  }

  /** Each account's number where no confirmed address is told: as they were, so that what moved a moment ago hides it from nobody. */
  async function tellNumbers(transaction: Db, before: User, joined: User): Promise<void> {
    if (!deps.tellsNumbers) return;
    for (const { email_verified, mobile, ...one } of [before, joined]) {
      if (email_verified === 1 || mobile === null || !isMobileProved({ ...one, mobile })) continue;
      await jobs.enqueueWith(transaction, joinedSmsJob, { userId: before.id, mobile });
    }
  }

  /** At the kept account's addresses, and at the joined one's where that was confirmed and has not moved. */
  async function tell(transaction: Db, before: User, after: User, joined: User): Promise<void> {
    const now = clock.now();
    const notice = { kind: "account_joined", nickname: readableEmail(joined.username) } as const;
    // An address that came just now is the joined account's, and gets no link to undo what the kept one does.
    const isNew = before.email !== after.email;
    await tellOwner(jobs, transaction, after, { now, ...notice, ...(isNew ? { noUndo: true } : {}) });
    const { email } = joined;
    if (email === null || joined.email_verified === 0 || email === after.email) return;
    await jobs.enqueueWith(transaction, securityNoticeJob, {
      ...{ userId: after.id, language: "unknown", at: now, to: email, noUndo: true, ...notice },
    });
  }

  /** Does what the plan says. */
  async function carryOut(transaction: Db, kept: User, joined: User, plan: JoinPlan, asked: JoinAsked) {
    const now = clock.now();
    const pair = { kept: kept.id, joined: joined.id };
    await moveBindings(users, transaction, { ...pair, now });
    await moveAddresses(transaction, kept.id, plan.addresses);
    await moveRows(transaction, pair, plan.rows, now);
    const changes = plan.record.changes;
    const after = await moveNames(transaction, { from: joined, to: kept, changes, now });
    await keepReplaced(transaction, { before: kept, after, now });
    const moved = keysOfNames(after);
    const avatar = await joinAvatars(transaction, { kept, joined });
    await passJoinsOn(transaction, joined.id, kept.id);
    const left = await users.byId(joined.id, transaction);
    if (left === null) throw new AppError("joining_ticket_invalid");
    await eraseWithin(transaction, deps, left, { kept: new Set(moved), notesSeen: asked.notesSeen });
    await insertJoin(transaction, {
      ...{ joined_id: joined.id, user_id: kept.id, at: now, joined_by: asked.by },
    });
    const data = { kept_id: kept.id, joined_id: joined.id };
    await deps.events.record(transaction, { type: "account.joined", userId: kept.id, data });
    if (Object.keys(changes).length > 0) await tellChange(deps.events, transaction, kept, after);
    await record(transaction, kept, after, joined, asked);
    if (asked.isAgain !== true) {
      await tell(transaction, kept, after, joined);
      await tellNumbers(transaction, kept, joined);
      // What these leave of the joined account's names.
      const erased = { erasedId: joined.id };
      await jobs.enqueueWith(transaction, eraseTracesJob, erased, { delaySeconds: noticesEndedSeconds });
    }
    await jobs.enqueueWith(transaction, forgetJoinedJob, { joinedId: joined.id });
    return { ...after, avatar };
  }

  async function look(transaction: Db, { kept, joined }: Joining): Promise<Preview> {
    const both = {
      kept: unchanged(await users.byId(kept.id, transaction), kept),
      joined: unchanged(await users.byId(joined.id, transaction), joined),
    };
    return { ...both, plan: await planJoin(deps, transaction, both) };
  }

  /** Errors: as of `join`. */
  async function judge(transaction: Db, { kept, plan }: Preview, asked: JoinAsked): Promise<void> {
    const { problems } = plan;
    if (problems.length > 0) throw new AppError("joining_prevented", { answer: { problems } });
    if (plan.digest !== asked.digest) throw new AppError("joining_changed");
    const now = clock.now();
    const before = await joinsSince(transaction, kept.id, now - asking.windowSeconds * 1000);
    if (asked.by === "owner") expectSeldom(before, asking, now);
  }

  return {
    /** What would become of both. Error: `joining_ticket_invalid`. */
    preview: (joining: Joining): Promise<Preview> =>
      db.transaction((transaction) => look(transaction, joining)),

    /**
     * What a join does before its transaction: takes the names that go with the joined account out of notes on others, which may be a
     * million. Errors: as of `join`, so that nothing is taken out for one that is refused (guard: no-standstill-pages.test.ts).
     */
    async forgetNotes(joining: Joining, asked: JoinAsked): Promise<NotesSeen> {
      if (joining.kept.id === joining.joined.id) throw new AppError("joining_same_account");
      const from = clock.now();
      const keys = await db.transaction(async (transaction) => {
        const found = await look(transaction, joining);
        await judge(transaction, found, asked);
        const stay = new Set(keysOfNames({ ...found.kept, ...found.plan.record.changes }));
        return (await keysOf(transaction, found.joined)).filter((key) => !stay.has(key));
      });
      return forgetInNotes(db, keys, from);
    },

    /**
     * Joins them, in the caller's transaction; returns the account as it is then. Errors: `joining_ticket_invalid`,
     * `joining_prevented` with `problems`, `joining_changed` where the plan is not the digest's, `throttled`.
     */
    async join(transaction: Db, joining: Joining, asked: JoinAsked): Promise<User> {
      expectImpersonal(asked.reason);
      if (joining.kept.id === joining.joined.id) throw new AppError("joining_same_account");
      const { kept, joined } = await lockBoth(transaction, joining);
      const plan = await planJoin(deps, transaction, { kept, joined });
      await judge(transaction, { kept, joined, plan }, asked);
      const after = await carryOut(transaction, kept, joined, plan, asked);
      log.info({ userId: kept.id, joinedId: joined.id, by: asked.by }, "an account went into another");
      return after;
    },
  };
}

const keysOfNames = ({ username, email, mobile }: Pick<User, "username" | "email" | "mobile">): string[] =>
  [username, email, mobile].flatMap((name) => nameKeys(name ?? ""));

function unchanged(user: User | null | undefined, seen: Joining["kept"]): User {
  if (user == null || user.credentials_version !== seen.credentials_version) {
    throw new AppError("joining_ticket_invalid");
  }
  return user;
}
