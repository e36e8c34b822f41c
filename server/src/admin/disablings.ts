import { type Disabling, endedDisablings, findDisabling, keepDisabling } from "../accounts/disabled-rows.ts";
import { checkEnd } from "../accounts/end-time.ts";
import type { User } from "../accounts/record.ts";
import { expectImpersonal } from "../accounts/staff-reason.ts";
import { changeUser } from "../accounts/user-change.ts";
import type { Users } from "../accounts/users.ts";
import type { Actor, Audit } from "../audit/audit.ts";
import { lastingName, withNamesNow } from "../audit/lasting-name.ts";
import type { Db } from "../engines/database/database.ts";
import type { Clock } from "../kernel/clock.ts";

/**
 * Disabling with a reason, and with an end where it is for a while. Promises: the account, its reason and the entry in the audit
 * log commit together; at its end it comes back by itself, within a minute, unless somebody disabled it anew meanwhile, whose end
 * counts then (guard: bulk.race.test.ts); whoever enables it by whatever way ends that, too (accounts/user-change.ts). Who
 * may is the caller's to judge.
 */
export interface DisablingsDeps {
  readonly db: Db;
  readonly clock: Clock;
  readonly audit: Audit;
  readonly users: Pick<Users, "lock">;
}

export interface WantedDisabling {
  readonly reason: string;
  /** Epoch milliseconds; null for good. */
  readonly endsAt: number | null;
}

export type Disablings = ReturnType<typeof createDisablings>;

const byItself: Actor = { id: null, name: "(end of the disabling)", requestId: null };

export function createDisablings({ db, clock, audit, users }: DisablingsDeps) {
  const record = (
    transaction: Db,
    actor: Actor,
    action: string,
    [before, after]: [object, object],
    user: User,
  ) =>
    audit.record(transaction, actor, {
      ...{ action, targetKind: "user", targetId: user.id, target: user.username },
      ...{ before: { ...before }, after: { ...after } },
    });

  /** In the caller's transaction. Returns it as it was. Errors: `not_found`, `last_superuser`, `invalid_fields` for a reason that names somebody. */
  async function enable(transaction: Db, actor: Actor, id: number, reason: string | null): Promise<User> {
    expectImpersonal(reason);
    const { before } = await changeUser(transaction, clock, id, { is_active: 1 });
    if (before.is_active === 1) return before;
    const said = reason === null ? {} : { reason };
    await record(transaction, actor, "user.enable", [{ is_active: 0 }, { is_active: 1, ...said }], before);
    return before;
  }

  return {
    async of(id: number): Promise<Disabling | null> {
      const one = await findDisabling(db, id);
      const [named = null] = one === null ? [] : await withNamesNow(db, [one], "disabled_by");
      return named;
    },

    /**
     * Disables it, or gives one that is disabled another reason and end, in the caller's transaction. Returns it as it was.
     * Errors: `not_found`, `last_superuser`, `invalid_fields` for an end that is not to come, or a reason that names somebody.
     */
    async disable(transaction: Db, actor: Actor, id: number, wanted: WantedDisabling): Promise<User> {
      const { reason, endsAt } = wanted;
      const now = clock.now();
      checkEnd(endsAt, now);
      expectImpersonal(reason);
      const { before } = await changeUser(transaction, clock, id, { is_active: 0 });
      const old = await findDisabling(transaction, id);
      await keepDisabling(transaction, {
        ...{ user_id: id, reason, disabled_by: lastingName(actor), disabled_at: now, ends_at: endsAt },
      });
      const told = (one: { readonly reason: string; readonly ends_at: number | null }) => ({
        ...{ reason: one.reason, until: one.ends_at === null ? null : new Date(one.ends_at).toISOString() },
      });
      const change: [object, object] = [
        { is_active: before.is_active, ...(old === null ? {} : told(old)) },
        { is_active: 0, ...told({ reason, ends_at: endsAt }) },
      ];
      await record(transaction, actor, "user.disable", change, before);
      return before;
    },

    enable,

    /** Lets back in whose time has come: a part of the maintenance. Returns how many it saw to. */
    async sweep(limit: number): Promise<number> {
      const ids = await endedDisablings(db, clock.now(), limit);
      for (const id of ids) {
        await db.transaction(async (transaction) => {
          if ((await users.lock(transaction, id)) === null) return;
          const one = await findDisabling(transaction, id);
          // Somebody may have disabled it anew, or let it in, since it was read.
          const isDue = one !== null && one.ends_at !== null && one.ends_at <= clock.now();
          if (isDue) await enable(transaction, byItself, id, null);
        });
      }
      return ids.length;
    },
  };
}
