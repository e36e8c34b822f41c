import type { Db } from "../engines/database/database.ts";
import { AppError, invalidFields } from "../errors/errors.ts";
import { inSteps } from "../kernel/next-turn.ts";
import {
  deleteGroup,
  findGroup,
  findGroupByName,
  findGroupsOfUser,
  findPermissionsOfGroup,
  insertGroup,
  listGroups,
  renameGroup,
  setGroupPermissions,
  setUserGroups,
  setUserPermissions,
  takeOutMembers,
} from "./group-store.ts";
import {
  findPermissionsByName,
  type GroupRow,
  insertPermission,
  listPermissions,
  type PermissionRow,
} from "./permission-store.ts";

/**
 * Groups, and what is granted to whom. Promise: a list of grants is replaced as a whole, in the caller's
 * transaction; a name that does not exist is an error, never silently left out. Who may do it is the
 * caller's business (admin/administrator.ts).
 */
export interface Group extends GroupRow {
  readonly permissions: readonly string[];
}

const membersAtOnce = 100;

export type Groups = ReturnType<typeof createGroups>;

export function createGroups({ db }: { db: Db }) {
  async function permissionIds(from: Db, names: readonly string[]): Promise<number[]> {
    const unique = [...new Set(names)];
    const found = await findPermissionsByName(from, unique);
    const missing = unique.find((name) => !found.has(name));
    if (missing !== undefined) {
      throw invalidFields({
        field: "permissions",
        code: "unknown_permission",
        parameters: { value: missing.slice(0, 100) },
      });
    }
    return unique.map((name) => found.get(name)!.id);
  }

  async function byId(id: number, from: Db = db): Promise<Group> {
    const group = await findGroup(from, id);
    if (group === null) throw new AppError("not_found");
    return { ...group, permissions: await findPermissionsOfGroup(from, id) };
  }

  return {
    list: (): Promise<GroupRow[]> => listGroups(db),
    /** Error: `not_found`. */
    byId,
    byName: (name: string, from: Db = db): Promise<GroupRow | null> => findGroupByName(from, name),
    ofUser: (userId: number, from: Db = db): Promise<GroupRow[]> => findGroupsOfUser(from, userId),

    /** Errors: `invalid_fields` for a taken name or an unknown permission. */
    async add(transaction: Db, input: { name: string; permissions: readonly string[] }): Promise<Group> {
      const ids = await permissionIds(transaction, input.permissions);
      const id = await insertGroup(transaction, input.name);
      if (id === null) throw invalidFields({ field: "name", code: "group_name_taken" });
      await setGroupPermissions(transaction, id, ids);
      return byId(id, transaction);
    },

    /** Errors: `not_found`, and those of `add`. */
    async change(
      transaction: Db,
      id: number,
      input: { name?: string; permissions?: readonly string[] },
    ): Promise<Group> {
      const group = await byId(id, transaction);
      if (input.name !== undefined && input.name !== group.name) {
        if ((await findGroupByName(transaction, input.name)) !== null) {
          throw invalidFields({ field: "name", code: "group_name_taken" });
        }
        await renameGroup(transaction, id, input.name);
      }
      if (input.permissions !== undefined) {
        await setGroupPermissions(transaction, id, await permissionIds(transaction, input.permissions));
      }
      return byId(id, transaction);
    },

    /**
     * Takes every member out, some at a time, before a group is removed. Removed with its group, a million of them were
     * one statement: on SQLite nobody was answered meanwhile, on PostgreSQL it ran into its time limit.
     */
    async empty(id: number): Promise<void> {
      await inSteps(async () => (await takeOutMembers(db, id, membersAtOnce)) === membersAtOnce);
    },

    /** With what members it has. */
    remove: (transaction: Db, id: number): Promise<void> => deleteGroup(transaction, id),

    /** Error: `invalid_fields` for an unknown group. */
    async setOfUser(transaction: Db, userId: number, groupIds: readonly number[]): Promise<GroupRow[]> {
      const unique = [...new Set(groupIds)];
      for (const id of unique) {
        if ((await findGroup(transaction, id)) === null) {
          throw invalidFields({ field: "groups", code: "unknown_group", parameters: { value: id } });
        }
      }
      await setUserGroups(transaction, userId, unique);
      return findGroupsOfUser(transaction, userId);
    },

    /** Error: `invalid_fields` for an unknown permission. */
    async grantToUser(transaction: Db, userId: number, names: readonly string[]): Promise<void> {
      await setUserPermissions(transaction, userId, await permissionIds(transaction, names));
    },

    listPermissions: (): Promise<PermissionRow[]> => listPermissions(db),

    /** Error: `invalid_fields` when it exists. */
    async addPermission(
      transaction: Db,
      permission: { app: string; codename: string; name: string },
    ): Promise<number> {
      const name = `${permission.app}.${permission.codename}`;
      if ((await findPermissionsByName(transaction, [name])).has(name)) {
        throw invalidFields({ field: "codename", code: "permission_exists" });
      }
      const id = await insertPermission(transaction, { ...permission, model: "" });
      if (id === null) throw invalidFields({ field: "codename", code: "permission_exists" });
      return id;
    },
  };
}
