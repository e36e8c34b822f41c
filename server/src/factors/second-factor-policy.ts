import { writeSecondFactorAsked } from "../accounts/change.ts";
import type { User } from "../accounts/record.ts";
import type { Db } from "../engines/database/database.ts";
import { type Clock, dayMillis } from "../kernel/clock.ts";
import type { Groups } from "../permissions/groups.ts";
import type { Permissions } from "../permissions/permissions.ts";
import type { PolicySettings } from "./policy-settings.ts";

/**
 * Who must have a second factor, and from when (docs/adr/0016). Promises: until an account's day it is told of it and nothing
 * is kept from it; from then on an account without one gets no further than setting one up, by every way in; sessions that are
 * open end. Whoever joins a group is met by its rule with the next log-in or renewal; staff with the next request. An account
 * that is not bound, or has one, costs nothing.
 * Guards: forced-enrolment.test.ts, ways-in.test.ts.
 */
export interface SecondFactorPolicyDeps extends PolicySettings {
  readonly db: Db;
  readonly clock: Clock;
  readonly permissions: Pick<Permissions, "has">;
  readonly groups: Pick<Groups, "ofUser">;
}

/** What is looked at of an account; nothing is demanded of who comes by another program's authenticator, which has the rest not. */
export type BoundAccount = Pick<User, "id" | "is_active" | "is_staff" | "is_superuser"> &
  Partial<Pick<User, "second_factor_at" | "second_factor_asked_at">>;

export type SecondFactorPolicy = ReturnType<typeof createSecondFactorPolicy>;

export function createSecondFactorPolicy(deps: SecondFactorPolicyDeps) {
  const { db, clock, permissions, groups } = deps;
  const { rules, graceDays, from } = deps.secondFactorPolicy;
  const bindsStaff = rules.some(({ kind }) => kind === "staff");
  const bindsAll = rules.some(({ kind }) => kind === "everybody");
  const names = (kind: "group" | "permission") =>
    rules.flatMap((rule) => ("name" in rule && rule.kind === kind ? [rule.name] : []));
  const [groupNames, permissionNames] = [new Set(names("group")), names("permission")];

  /** By the record alone. */
  const bindsBySelf = (account: BoundAccount): boolean => bindsAll || (bindsStaff && isStaff(account));

  async function binds(account: BoundAccount): Promise<boolean> {
    if (bindsBySelf(account)) return true;
    if (groupNames.size > 0) {
      const own = await groups.ofUser(account.id);
      if (own.some(({ name }) => groupNames.has(name))) return true;
    }
    for (const name of permissionNames) if (await permissions.has(account, name)) return true;
    return false;
  }

  /** Null for an account that need not have one, or has one. Begins its days of grace where it was never met before. */
  async function dueAt(account: BoundAccount): Promise<number | null> {
    if (rules.length === 0 || account.second_factor_at !== null || !(await binds(account))) return null;
    const now = clock.now();
    if (account.second_factor_asked_at == null) await writeSecondFactorAsked(db, account.id, now);
    return from ?? (account.second_factor_asked_at ?? now) + graceDays * dayMillis;
  }

  /** Whether anything at all is to be asked about the account with each of its requests. */
  function isMet(account: BoundAccount): boolean {
    if (rules.length === 0 || account.second_factor_at !== null) return false;
    return account.second_factor_asked_at != null || bindsBySelf(account);
  }

  async function isDue(account: BoundAccount): Promise<boolean> {
    const at = await dueAt(account);
    return at !== null && at <= clock.now();
  }

  return {
    /** Whether the account must have one, whether it has or not. */
    binds,

    /** Whether nothing stands in for it: whoever may do much with an account, or must have one, gives it each time. */
    isStrict: async (account: BoundAccount): Promise<boolean> => isStaff(account) || binds(account),

    /**
     * From when a log-in of the account can only set it up, epoch milliseconds; null where nothing is demanded. For log-ins,
     * renewals, and what authenticates itself.
     */
    dueAt,

    /** Whether that time has come. */
    isDue,

    /** The same for a request in a session that is open: null, without waiting, where there is nothing to ask. */
    isDueIn(account: BoundAccount, factor: string | null | undefined): Promise<boolean> | null {
      // Whoever gave one in this session, to a trusted third party perhaps, has what is demanded.
      return factor == null && isMet(account) ? isDue(account) : null;
    },

    isMet,
  };
}

function isStaff({ is_staff, is_superuser }: BoundAccount): boolean {
  return is_staff === 1 || is_superuser === 1;
}
