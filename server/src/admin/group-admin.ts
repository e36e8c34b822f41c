import type { Audit } from "../audit/audit.ts";
import type { Db } from "../engines/database/database.ts";
import type { Group, Groups } from "../permissions/groups.ts";
import { type Administrator, difference, type Limits } from "./administrator.ts";

/** What administrators do with groups and permissions. Each change and its audit entry commit together. */
export interface GroupAdminDeps {
  readonly db: Db;
  readonly audit: Audit;
  readonly groups: Groups;
  readonly limits: Limits;
}

export type GroupAdmin = ReturnType<typeof createGroupAdmin>;

export function createGroupAdmin({ db, audit, groups, limits }: GroupAdminDeps) {
  const record = (
    transaction: Db,
    actor: Administrator,
    action: string,
    group: Group,
    [before, after]: [Group | null, Group | null],
  ) =>
    audit.record(transaction, actor, {
      ...{ action, targetKind: "group", targetId: group.id, target: group.name },
      before: before === null ? {} : { name: before.name, permissions: before.permissions },
      after: after === null ? {} : { name: after.name, permissions: after.permissions },
    });

  return {
    list: groups.list,
    show: (id: number): Promise<Group> => groups.byId(id),
    listPermissions: groups.listPermissions,

    /** Errors: `invalid_fields`, `forbidden`. */
    async add(actor: Administrator, input: { name: string; permissions: readonly string[] }): Promise<Group> {
      return db.transaction(async (transaction) => {
        const group = await groups.add(transaction, input);
        await limits.mayGrant(actor, group.permissions);
        await record(transaction, actor, "group.create", group, [null, group]);
        return group;
      });
    },

    /** Errors: `not_found`, `invalid_fields`, `forbidden`. */
    async change(
      actor: Administrator,
      id: number,
      input: { name?: string; permissions?: readonly string[] },
    ): Promise<Group> {
      return db.transaction(async (transaction) => {
        const before = await groups.byId(id, transaction);
        const after = await groups.change(transaction, id, input);
        // By its name others know what they give, and rules of second factors whom they bind: another is power over all that it has.
        const isRenamed = before.name !== after.name;
        const held = isRenamed ? [...before.permissions, ...after.permissions] : [];
        const touched = [...held, ...difference(before.permissions, after.permissions)];
        await limits.mayGrant(actor, [...new Set(touched)]);
        await record(transaction, actor, "group.change", before, [before, after]);
        return after;
      });
    },

    /** Its members go first, in commits of their own. Errors: `not_found`, `forbidden`. */
    async remove(actor: Administrator, id: number): Promise<void> {
      await limits.mayGrant(actor, (await groups.byId(id)).permissions);
      await groups.empty(id);
      await db.transaction(async (transaction) => {
        const group = await groups.byId(id, transaction);
        await limits.mayGrant(actor, group.permissions);
        await groups.remove(transaction, id);
        await record(transaction, actor, "group.delete", group, [group, null]);
      });
    },

    /** Error: `invalid_fields`. */
    async addPermission(
      actor: Administrator,
      permission: { app: string; codename: string; name: string },
    ): Promise<number> {
      return db.transaction(async (transaction) => {
        const id = await groups.addPermission(transaction, permission);
        const target = `${permission.app}.${permission.codename}`;
        await audit.record(transaction, actor, {
          ...{ action: "permission.create", targetKind: "permission", targetId: id, target },
          before: {},
          after: permission,
        });
        return id;
      });
    },
  };
}
