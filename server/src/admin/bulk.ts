import { expectImpersonal } from "../accounts/staff-reason.ts";
import type { Users } from "../accounts/users.ts";
import type { Audit } from "../audit/audit.ts";
import { lastingName, withNamesNow } from "../audit/lasting-name.ts";
import { erasedActor } from "../audit/without-values.ts";
import type { Db } from "../engines/database/database.ts";
import { defineJob, type JobDefinition, type JobRun, type Jobs } from "../engines/jobs/jobs.ts";
import { AppError, invalidFields } from "../errors/errors.ts";
import { type Clock, dayMillis } from "../kernel/clock.ts";
import { randomToken } from "../kernel/ids.ts";
import { nextTurn } from "../kernel/next-turn.ts";
import Type from "../kernel/schema/schema.ts";
import type { Groups } from "../permissions/groups.ts";
import type { Permissions } from "../permissions/permissions.ts";
import type { Administrator } from "./administrator.ts";
import { createBulkRuns } from "./bulk-runs.ts";
import {
  type BulkAction,
  type BulkRun,
  findRun,
  finishRun,
  insertRun,
  outcomesOf,
  purgeRuns,
  settleAccount,
  waitingAccounts,
} from "./bulk-store.ts";
import type { StaffDisablings } from "./staff-disablings.ts";
import type { UserAdmin } from "./user-admin.ts";
import type { UserFilter } from "./user-list.ts";

/**
 * One change of many accounts: counted first, confirmed by that count, done by a job in pieces. Promises: each account is changed
 * once, in the transaction that says so, whoever else works on it at that moment and however often the job is run (guard:
 * bulk.race.test.ts); for each the limits of administrator.ts hold as they are then, and whoever asked for it must still be staff
 * with the permission: what is refused is noted, and the rest goes on; the audit log has the start, the end, and every account.
 */
export interface BulkDeps {
  readonly db: Db;
  readonly clock: Clock;
  readonly audit: Audit;
  readonly jobs: Jobs;
  readonly users: Users;
  readonly groups: Pick<Groups, "ofUser">;
  readonly permissions: Pick<Permissions, "has">;
  readonly userAdmin: Pick<UserAdmin, "list">;
  /** What changes one account, within a transaction. */
  readonly within: (transaction: Db) => Pick<UserAdmin, "endTokens" | "setGroups"> & StaffDisablings;
}

/** Which accounts: by their ids, or by the filters of the list. */
export interface BulkChoice {
  readonly ids?: readonly number[];
  readonly filter?: Omit<UserFilter, "after" | "limit">;
}

export interface BulkWish extends BulkChoice {
  readonly action: BulkAction;
  readonly reason: string;
  readonly group?: number;
  /** As many accounts as were counted. */
  readonly confirm: number;
}

export type Bulk = ReturnType<typeof createBulk>;

/** Accounts of one run at the most. */
const mostAccounts = 10_000;
/** Of one run of the job: it ends well within the time for which a worker holds it, on a slow machine, too. */
const pieceSize = 25;
const pageSize = 100;
const keptDays = 90;
const permission = "users.bulk_user";

const Payload = Type.Object({ run: Type.String(), piece: Type.Integer() });
const bulkJob = defineJob("bulk-users", Payload);

export function createBulk(deps: BulkDeps) {
  const { db, clock, audit, users } = deps;

  /** Error: `bulk_too_many`. */
  async function idsOf({ ids = [], filter }: BulkChoice): Promise<readonly number[]> {
    const found = new Set<number>();
    for (const [place, id] of ids.entries()) {
      if ((await users.byId(id)) !== null) found.add(id);
      if (place % 100 === 99) await nextTurn();
    }
    if (filter !== undefined) {
      for (let after: number | null = 0; after !== null; ) {
        const page = await deps.userAdmin.list({ ...filter, after, limit: pageSize });
        for (const { id } of page.rows) found.add(id);
        if (found.size > mostAccounts) break;
        after = page.next;
        await nextTurn();
      }
    }
    if (found.size > mostAccounts)
      throw new AppError("bulk_too_many", { parameters: { limit: mostAccounts } });
    return [...found].sort((one, other) => one - other);
  }

  const record = (
    transaction: Db,
    actor: Pick<Administrator, "id" | "name" | "requestId">,
    action: "bulk.start" | "bulk.end",
    after: Readonly<Record<string, unknown>>,
  ) =>
    audit.record(transaction, actor, {
      ...{ action, targetKind: "system", targetId: 0, target: "users", before: {}, after },
    });

  /** Who asked for it, as they are now. Error: `forbidden`. */
  async function actorOf({ actor_id, id: run }: BulkRun): Promise<Administrator> {
    const user = actor_id === null ? null : await users.byId(actor_id);
    const isStaff = user !== null && user.is_active === 1 && (user.is_staff === 1 || user.is_superuser === 1);
    if (!isStaff || !(await deps.permissions.has(user, permission))) throw new AppError("forbidden");
    if (!(await deps.permissions.has(user, "users.change_user"))) throw new AppError("forbidden");
    const { id, username: name, is_active, is_superuser } = user;
    return { id, name, is_active, is_superuser, requestId: `bulk ${run}` };
  }

  async function act(transaction: Db, actor: Administrator, run: BulkRun, userId: number): Promise<void> {
    // Also where the change alone would allow it: whoever ticks all of a list goes on working.
    if (actor.id === userId) throw new AppError("forbidden");
    const by = deps.within(transaction);
    if (run.action === "disable") return by.disable(actor, userId, { reason: run.reason, endsAt: null });
    if (run.action === "enable") return by.enable(actor, userId, run.reason);
    if (run.action === "end_tokens") return by.endTokens(actor, userId);
    // Under the lock, so that a change of the groups at this moment is not undone by what was read before it.
    await users.lock(transaction, userId);
    const held = (await deps.groups.ofUser(userId, transaction)).map(({ id }) => id);
    const others = held.filter((id) => id !== run.group_id);
    const isMember = others.length < held.length;
    if (isMember === (run.action === "add_to_group")) return;
    await by.setGroups(actor, userId, isMember ? others : [...held, run.group_id ?? 0]);
  }

  /** Changes one account and says so, or says why not. */
  async function settle(run: BulkRun, userId: number): Promise<void> {
    const about = { run_id: run.id, user_id: userId };
    try {
      // Before the transaction: inside it a second connection would be waited for.
      const actor = await actorOf(run);
      await db.transaction(async (transaction) => {
        // First: of two that work on the run, the other waits here and finds it done.
        if (!(await settleAccount(transaction, { ...about, outcome: "done" }))) return;
        await act(transaction, actor, run, userId);
      });
    } catch (error) {
      if (!(error instanceof AppError) || error.definition.status >= 500) throw error;
      await settleAccount(db, { ...about, outcome: error.code });
    }
  }

  async function finish(run: BulkRun): Promise<void> {
    await db.transaction(async (transaction) => {
      if (!(await finishRun(transaction, run.id, clock.now()))) return;
      const { done = 0, ...refused } = await outcomesOf(transaction, run.id);
      // Of one who is gone by now neither name nor id: what is written from here on no erasure would find.
      const [named = run] = await withNamesNow(transaction, [run], "actor");
      const name = run.actor_id === null ? erasedActor : named.actor;
      const actor = { id: run.actor_id, name, requestId: `bulk ${run.id}` };
      await record(transaction, actor, "bulk.end", { run: run.id, done, refused });
    });
  }

  return {
    /** How many it would be. Error: `bulk_too_many`. */
    count: async (choice: BulkChoice): Promise<number> => (await idsOf(choice)).length,

    /**
     * Begins. Errors: `bulk_changed` where there are by now others than were counted, `bulk_too_many`, `invalid_fields` for a
     * group that is none, or a reason that names somebody.
     */
    async start(
      actor: Administrator,
      { action, reason, group, confirm, ...choice }: BulkWish,
    ): Promise<BulkRun> {
      expectImpersonal(reason);
      const needsGroup = action === "add_to_group" || action === "remove_from_group";
      if (needsGroup && group === undefined) throw invalidFields({ field: "group", code: "required" });
      const ids = await idsOf(choice);
      if (ids.length !== confirm || ids.length === 0)
        throw new AppError("bulk_changed", { parameters: { count: ids.length } });
      const run: BulkRun = {
        ...{ id: randomToken(), actor_id: actor.id, actor: lastingName(actor), action, reason },
        ...{ group_id: needsGroup ? (group ?? null) : null, total: ids.length },
        ...{ started_at: clock.now(), finished_at: null },
      };
      await db.transaction(async (transaction) => {
        await insertRun(transaction, run, ids);
        const facts = { run: run.id, bulk: action, reason, count: ids.length };
        await record(transaction, actor, "bulk.start", { ...facts, ...(needsGroup ? { group } : {}) });
        await deps.jobs.enqueueWith(transaction, bulkJob, { run: run.id, piece: 0 });
      });
      return { ...run, actor: actor.name };
    },

    ...createBulkRuns({ db }),

    /** A piece of the run, and the next one where there is more. */
    async work(
      { run: id, piece }: { readonly run: string; readonly piece: number },
      { signal }: Pick<JobRun, "signal">,
    ) {
      const run = await findRun(db, id);
      if (run === null || run.finished_at !== null) return;
      for (const userId of await waitingAccounts(db, id, pieceSize)) {
        if (signal.aborted) break;
        await settle(run, userId);
      }
      const isMore = (await waitingAccounts(db, id, 1)).length > 0;
      if (isMore)
        await deps.jobs.enqueue(bulkJob, { run: id, piece: piece + 1 }, { id: `bulk-${id}-${piece + 1}` });
      else await finish(run);
    },

    /** Removes up to `limit` that were started ninety days ago. */
    purge: (limit: number): Promise<number> => purgeRuns(db, clock.now() - keptDays * dayMillis, limit),
  };
}

/** The job; `bulk` is there once everything is put together. */
export function bulkDefinition(bulk: () => Pick<Bulk, "work">): JobDefinition<typeof Payload> {
  return {
    ...bulkJob,
    ...{ attempts: 12, backoffSeconds: 5, backoffLimitSeconds: 600 },
    handler: (payload, run) => bulk().work(payload, run),
  };
}
