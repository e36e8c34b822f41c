import type { AgeDeclaration, AgeDeclarations } from "../accounts/age-declarations.ts";
import type { ConsentChoices } from "../accounts/consent-choices.ts";
import type { ExtraValues, FieldReader } from "../accounts/extra-field.ts";
import type { ExtraFields } from "../accounts/extra-fields.ts";
import { nicknameChange } from "../accounts/nickname.ts";
import { tellStaffChange } from "../accounts/owner-notices.ts";
import {
  type NewUser,
  operatorValues,
  standingColumns,
  type User,
  type UserChanges,
} from "../accounts/record.ts";
import { changeUser, endTokens } from "../accounts/user-change.ts";
import type { Users } from "../accounts/users.ts";
import type { Audit } from "../audit/audit.ts";
import type { Db } from "../engines/database/database.ts";
import type { Jobs } from "../engines/jobs/jobs.ts";
import { AppError, invalidFields } from "../errors/errors.ts";
import type { PolicySettings } from "../factors/policy-settings.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Passwords } from "../passwords/passwords.ts";
import type { Groups } from "../permissions/groups.ts";
import type { Permissions } from "../permissions/permissions.ts";
import { accountMadeJob } from "./account-made-job.ts";
import { type Administrator, difference, isService, type Limits } from "./administrator.ts";
import { createPasswordReset, type PasswordResetDeps } from "./password-reset.ts";
import { listUsers, type UserFilter } from "./user-list.ts";
import { createUserSessions, type UserSessionsDeps } from "./user-sessions.ts";

/**
 * What administrators do with accounts. Promises: every change and its audit entry commit together; the
 * limits of administrator.ts hold; nobody ever sees, chooses or sets another person's password: a reset is
 * a code mailed to its owner.
 */
export interface UserAdminDeps extends UserSessionsDeps, PasswordResetDeps {
  readonly db: Db;
  readonly clock: Clock;
  readonly audit: Audit;
  readonly jobs: Jobs;
  readonly users: Users;
  readonly permissions: Permissions;
  readonly groups: Groups;
  readonly limits: Limits;
  readonly passwords: Pick<Passwords, "unusable">;
  readonly extraFields: ExtraFields;
  readonly ageDeclarations: Pick<AgeDeclarations, "isAsked" | "of">;
  readonly consentChoices: Pick<ConsentChoices, "isAsked" | "list">;
  /** Whether who was given a made user name is asked for one after the first log-in. */
  readonly usernameAskedLater: boolean;
  readonly secondFactorPolicy: Pick<PolicySettings["secondFactorPolicy"], "rules">;
}

/** An account with what it may do. */
export interface UserView {
  readonly user: User;
  readonly groups: readonly { readonly id: number; readonly name: string }[];
  /** Granted to the account itself. */
  readonly permissions: readonly string[];
  /** Of SIGN_UP_FIELDS; null where the site declares none. */
  readonly fields: ExtraValues | null;
  /** What its owner agreed to beyond the terms, by purpose; null where the site asks nothing. */
  readonly choices: Readonly<Record<string, boolean>> | null;
  /** What its owner said of their age; undefined where the site doesn't ask. */
  readonly age: AgeDeclaration | null | undefined;
}

/** An account that staff make: it has an address, and no password until its owner sets one. */
export interface NewAccount extends Omit<NewUser, "password_hash" | "email" | "username"> {
  /** Without it one is made from the address. */
  readonly username?: string;
  readonly email: string;
  readonly groups: readonly number[];
  /** Of SIGN_UP_FIELDS. Staff need not know what its owner would be asked for. */
  readonly fields?: Readonly<Record<string, unknown>> | undefined;
}

export type UserAdmin = ReturnType<typeof createUserAdmin>;

export function createUserAdmin(deps: UserAdminDeps) {
  const { db, clock, audit, limits, groups, permissions, extraFields } = deps;

  async function find(id: number, from: Db = db): Promise<User> {
    const user = await deps.users.byId(id, from);
    if (user === null) throw new AppError("not_found");
    return user;
  }

  async function choicesOf(id: number): Promise<UserView["choices"]> {
    if (!deps.consentChoices.isAsked) return null;
    const choices = await deps.consentChoices.list(id);
    return Object.fromEntries(choices.map(({ purpose, given }) => [purpose, given]));
  }

  /** With the site's own fields as the reader may see them. */
  async function view(user: User, reader: FieldReader, from: Db = db): Promise<UserView> {
    return {
      user,
      groups: await groups.ofUser(user.id, from),
      permissions: await permissions.grantedTo(user.id, from),
      fields: extraFields.declared.length === 0 ? null : await extraFields.of(user.id, reader, from),
      choices: await choicesOf(user.id),
      age: deps.ageDeclarations.isAsked ? await deps.ageDeclarations.of(user.id) : undefined,
    };
  }

  const readerOf = (actor: Administrator): FieldReader => (isService(actor) ? "services" : "staff");

  /** Runs a change of an account's grants and writes what it did to them. */
  async function regrant(
    actor: Administrator,
    id: number,
    action: string,
    work: (transaction: Db) => Promise<void>,
  ): Promise<UserView> {
    return db.transaction(async (transaction) => {
      // Under the lock: an account that is erased, or goes into another, at the same moment is there or not.
      const user = await deps.users.lock(transaction, id);
      if (user === null) throw new AppError("not_found");
      limits.mayChangeStanding(actor, user);
      await limits.mayTouch(actor, user);
      const before = await view(user, readerOf(actor), transaction);
      const held = await permissions.grantedInAnyWay(id, transaction);
      await work(transaction);
      const after = await view(user, readerOf(actor), transaction);
      await limits.mayGrant(actor, difference(held, await permissions.grantedInAnyWay(id, transaction)));
      await audit.record(transaction, actor, {
        ...{ action, targetKind: "user", targetId: id, target: user.username },
        before: { groups: before.groups.map(({ name }) => name), permissions: before.permissions },
        after: { groups: after.groups.map(({ name }) => name), permissions: after.permissions },
      });
      // As counted: the entry is an event.
      return { ...after, user: await find(id, transaction) };
    });
  }

  /** Error: `invalid_fields`. */
  function readFields(given: Readonly<Record<string, unknown>> | undefined, isNew: boolean): ExtraValues {
    const { values, problems } = extraFields.read(given, "staff", isNew);
    if (problems.length > 0) throw invalidFields(...problems);
    return values;
  }

  return {
    list: (filter: UserFilter) => listUsers(db, filter, deps.secondFactorPolicy.rules),

    /** Error: `not_found`. */
    show: async (actor: Administrator, id: number): Promise<UserView> =>
      view(await find(id), readerOf(actor)),

    /**
     * Makes an account without a password, and mails its owner where to set one. SIGN_UP and its lists of domains don't
     * bind staff. Errors: `invalid_fields`, `forbidden` for groups that the caller could not grant.
     */
    async add(
      actor: Administrator,
      { groups: groupIds, username, fields, ...given }: NewAccount,
    ): Promise<UserView> {
      const values = readFields(fields, false);
      const add = async (transaction: Db, name: string) => {
        const username_due = username === undefined && deps.usernameAskedLater ? (1 as const) : (0 as const);
        const row = { ...given, username: name, username_due, password_hash: deps.passwords.unusable() };
        const created = await deps.users.add(transaction, row, "operator");
        if ("taken" in created) throw invalidFields({ field: created.taken, code: `${created.taken}_taken` });
        if (groupIds.length > 0) {
          await groups.setOfUser(transaction, created.id, groupIds);
          const granted = await permissions.grantedInAnyWay(created.id, transaction);
          await limits.mayGrant(actor, ["users.change_user", ...granted]);
        }
        await extraFields.write(transaction, created.id, values, clock.now());
        const made = await view(created, readerOf(actor), transaction);
        await audit.record(transaction, actor, {
          ...{ action: "user.create", targetKind: "user", targetId: created.id, target: created.username },
          before: {},
          after: { ...operatorValues(created), groups: made.groups.map(({ name }) => name) },
        });
        await deps.jobs.enqueueWith(transaction, accountMadeJob, { userId: created.id });
        return { ...made, user: await find(created.id, transaction) };
      };
      const named = (name: string) => db.transaction((transaction) => add(transaction, name));
      return username === undefined ? deps.users.withMadeUsername(given.email, named) : named(username);
    },

    /** Errors: `not_found`, `forbidden`, `invalid_fields`, `last_superuser`. */
    async change(
      actor: Administrator,
      id: number,
      changes: UserChanges,
      fields?: Readonly<Record<string, unknown>>,
    ): Promise<UserView> {
      const values = readFields(fields, false);
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
        if (changes.username !== undefined && changes.username !== target.username) limits.mayRename(actor);
        if (changesStanding.length > 0) limits.mayChangeStanding(actor, target);
        if (changesStanding.some((flag) => flag !== "is_active")) limits.mayAppoint(actor);
        const nickname = nicknameChange(target, changes.nickname);
        const { before, after } = await changeUser(transaction, clock, id, { ...changes, nickname });
        // Again under the lock: a superuser may have promoted the account since it was read.
        await limits.mayTouch(actor, before);
        const own = await extraFields.of(id, "staff", transaction);
        await extraFields.write(transaction, id, values, clock.now());
        await audit.record(transaction, actor, {
          ...{ action: "user.change", targetKind: "user", targetId: id, target: before.username },
          before: { ...operatorValues(before), ...named(own) },
          after: { ...operatorValues(after), ...named({ ...own, ...values }) },
        });
        await tellStaffChange(deps.jobs, transaction, { before, after, now: clock.now() });
        // As counted: the entry of the audit log is an event.
        return view(await find(id, transaction), readerOf(actor), transaction);
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
        // Under the lock: a superuser may promote the account at the same moment.
        const user = await deps.users.lock(transaction, id);
        if (user === null) throw new AppError("not_found");
        await limits.mayTouch(actor, user);
        const { version } = await endTokens(transaction, clock, id);
        await audit.record(transaction, actor, {
          ...{ action: "user.end-tokens", targetKind: "user", targetId: id, target: user.username },
          before: { credentials_version: user.credentials_version },
          after: { credentials_version: version },
        });
      });
    },

    ...createUserSessions(deps),

    startPasswordReset: createPasswordReset(deps),
  };
}

/** As the audit log has them: each by itself, so that only those that changed are kept. */
function named(values: ExtraValues): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [`fields.${name}`, value]));
}
