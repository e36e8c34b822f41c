import { operatorValues, standingColumns, type User, type UserChanges } from "../accounts/record.ts";
import { changeUser, endTokens } from "../accounts/user-change.ts";
import { securityNoticeJob } from "../accounts/user-jobs.ts";
import type { Users } from "../accounts/users.ts";
import type { Audit } from "../audit/audit.ts";
import type { Verifications } from "../codes/verification.ts";
import type { Asker } from "../devices/asker.ts";
import type { Db } from "../engines/database/database.ts";
import type { Jobs } from "../engines/jobs/jobs.ts";
import { AppError, invalidFields } from "../errors/errors.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Groups } from "../permissions/groups.ts";
import type { Permissions } from "../permissions/permissions.ts";
import { type Administrator, difference, type Limits } from "./administrator.ts";
import { listUsers, type UserFilter } from "./user-list-store.ts";

/**
 * What administrators do with accounts. Promises: every change and its audit entry commit together; the
 * limits of administrator.ts hold; nobody ever sees, chooses or sets another person's password: a reset is
 * a code mailed to its owner.
 */
export interface UserAdminDeps {
  readonly db: Db;
  readonly clock: Clock;
  readonly audit: Audit;
  readonly jobs: Jobs;
  readonly users: Users;
  readonly permissions: Permissions;
  readonly groups: Groups;
  readonly limits: Limits;
  readonly verifications: Verifications;
}

/** An account with what it may do. */
export interface UserView {
  readonly user: User;
  readonly groups: readonly { readonly id: number; readonly name: string }[];
  /** Granted to the account itself. */
  readonly permissions: readonly string[];
}

export type UserAdmin = ReturnType<typeof createUserAdmin>;

export function createUserAdmin(deps: UserAdminDeps) {
  const { db, clock, audit, limits, groups, permissions } = deps;

  async function find(id: number, from: Db = db): Promise<User> {
    const user = await deps.users.byId(id, from);
    if (user === null) throw new AppError("not_found");
    return user;
  }

  async function view(user: User, from: Db = db): Promise<UserView> {
    return {
      user,
      groups: await groups.ofUser(user.id, from),
      permissions: await permissions.grantedTo(user.id, from),
    };
  }

  /** Runs a change of an account's grants and writes what it did to them. */
  async function regrant(
    actor: Administrator,
    id: number,
    action: string,
    work: (transaction: Db) => Promise<void>,
  ): Promise<UserView> {
    return db.transaction(async (transaction) => {
      const user = await find(id, transaction);
      limits.mayChangeStanding(actor, user);
      await limits.mayTouch(actor, user);
      const before = await view(user, transaction);
      const held = await permissions.grantedInAnyWay(id, transaction);
      await work(transaction);
      const after = await view(user, transaction);
      await limits.mayGrant(actor, difference(held, await permissions.grantedInAnyWay(id, transaction)));
      await audit.record(transaction, actor, {
        ...{ action, targetKind: "user", targetId: id, target: user.username },
        before: { groups: before.groups.map(({ name }) => name), permissions: before.permissions },
        after: { groups: after.groups.map(({ name }) => name), permissions: after.permissions },
      });
      return after;
    });
  }

  return {
    list: (filter: UserFilter) => listUsers(db, filter),

    /** Error: `not_found`. */
    show: async (id: number): Promise<UserView> => view(await find(id)),

    /** Errors: `not_found`, `forbidden`, `invalid_fields`, `last_superuser`. */
    async change(actor: Administrator, id: number, changes: UserChanges): Promise<UserView> {
      return db.transaction(async (transaction) => {
        const target = await find(id, transaction);
        await limits.mayTouch(actor, target);
        const changesStanding = standingColumns.filter(
          (flag) => changes[flag] !== undefined && changes[flag] !== target[flag],
        );
        const replacesAddress = (["email", "mobile"] as const).some(
          (field) => changes[field] !== undefined && changes[field] !== target[field],
        );
        if (replacesAddress) limits.mayReplaceAddress(actor, target);
        if (changesStanding.length > 0) limits.mayChangeStanding(actor, target);
        if (changesStanding.some((flag) => flag !== "is_active")) limits.mayAppoint(actor);
        const { before, after } = await changeUser(transaction, clock, id, changes);
        // Again under the lock: a superuser may have promoted the account since it was read.
        await limits.mayTouch(actor, before);
        await audit.record(transaction, actor, {
          ...{ action: "user.change", targetKind: "user", targetId: id, target: before.username },
          before: operatorValues(before),
          after: operatorValues(after),
        });
        if (before.email !== null && before.email !== after.email) {
          // To the old address: its owner must be notified if this was not their wish.
          const notice = {
            kind: "email_changed" as const,
            // The request speaks the administrator's language, not the owner's.
            language: "unknown" as const,
            userId: id,
            to: before.email,
            at: clock.now(),
          };
          await deps.jobs.enqueueWith(transaction, securityNoticeJob, notice);
        }
        return view(after, transaction);
      });
    },

    setGroups: (actor: Administrator, id: number, groupIds: readonly number[]): Promise<UserView> =>
      regrant(actor, id, "user.groups", async (transaction) => {
        await groups.setOfUser(transaction, id, groupIds);
      }),

    setPermissions: (actor: Administrator, id: number, names: readonly string[]): Promise<UserView> =>
      regrant(actor, id, "user.permissions", (transaction) => groups.grantToUser(transaction, id, names)),

    /** Errors: `not_found`, `forbidden`. */
    async endTokens(actor: Administrator, id: number): Promise<void> {
      await db.transaction(async (transaction) => {
        await limits.mayTouch(actor, await find(id, transaction));
        const { user, version } = await endTokens(transaction, clock, id);
        await audit.record(transaction, actor, {
          ...{ action: "user.end-tokens", targetKind: "user", targetId: id, target: user.username },
          before: { credentials_version: user.credentials_version },
          after: { credentials_version: version },
        });
      });
    },

    /**
     * Mails the owner a code with which they set a new password. Errors: `not_found`, `forbidden`,
     * `invalid_fields` for an account without a usable address, and those of a code request.
     */
    async startPasswordReset(
      actor: Administrator,
      id: number,
      request: { language: "zh" | "en"; asker: Asker },
    ): Promise<void> {
      const user = await find(id);
      await limits.mayTouch(actor, user);
      // A shared address is nobody's until it is confirmed: its code would open whichever account claims it.
      const owner = user.email === null ? null : await deps.users.byEmail(user.email);
      if (user.email === null || owner?.id !== id) {
        throw invalidFields({ field: "email", code: "no_usable_email" });
      }
      const mail = { email: user.email, purpose: "resetpwd", isForOwner: true } as const;
      await deps.verifications.request({ ...request, ...mail });
      await audit.record(db, actor, {
        ...{ action: "user.password-reset", targetKind: "user", targetId: id, target: user.username },
        before: {},
        after: { mail: "sent" },
      });
    },
  };
}
