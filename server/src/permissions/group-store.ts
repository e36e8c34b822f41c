import { type Db, statement } from "../engines/database/database.ts";
import { type GroupRow, nameOf } from "./permission-store.ts";

export function listGroups(db: Db): Promise<GroupRow[]> {
  return db.kysely.selectFrom("groups").selectAll().orderBy("name").execute();
}

export async function findGroup(db: Db, id: number): Promise<GroupRow | null> {
  return (await db.kysely.selectFrom("groups").selectAll().where("id", "=", id).executeTakeFirst()) ?? null;
}

export async function findGroupByName(db: Db, name: string): Promise<GroupRow | null> {
  return (
    (await db.kysely.selectFrom("groups").selectAll().where("name", "=", name).executeTakeFirst()) ?? null
  );
}

/** The new group's id, or null when the name is taken. */
export async function insertGroup(db: Db, name: string): Promise<number | null> {
  const row = await db.kysely
    .insertInto("groups")
    .values({ name })
    .onConflict((conflict) => conflict.column("name").doNothing())
    .returning("id")
    .executeTakeFirst();
  return row?.id ?? null;
}

export async function renameGroup(transaction: Db, id: number, name: string): Promise<void> {
  await transaction.kysely.updateTable("groups").set({ name }).where("id", "=", id).execute();
}

export async function deleteGroup(transaction: Db, id: number): Promise<void> {
  await transaction.kysely.deleteFrom("groups").where("id", "=", id).execute();
}

const takeOut = statement("groups.takeOut", (db, values: { groupId: number; limit: number }) =>
  db
    .deleteFrom("user_groups")
    .where("group_id", "=", values.groupId)
    .where("user_id", "in", (some) =>
      some
        .selectFrom("user_groups")
        .select("user_id")
        .where("group_id", "=", values.groupId)
        .limit(values.limit),
    )
    .returning("user_id"),
);

/** Takes up to `limit` members out of a group; returns how many. */
export async function takeOutMembers(db: Db, groupId: number, limit: number): Promise<number> {
  return (await db.all(takeOut, { groupId, limit })).length;
}

/** Names of the permissions granted to the group, sorted. */
export async function findPermissionsOfGroup(db: Db, groupId: number): Promise<string[]> {
  const rows = await db.kysely
    .selectFrom("group_permissions")
    .innerJoin("permissions", "permissions.id", "group_permissions.permission_id")
    .select(["app", "codename"])
    .where("group_id", "=", groupId)
    .execute();
  return rows.map(nameOf).sort();
}

export async function setGroupPermissions(
  transaction: Db,
  groupId: number,
  permissionIds: readonly number[],
): Promise<void> {
  await transaction.kysely.deleteFrom("group_permissions").where("group_id", "=", groupId).execute();
  if (permissionIds.length === 0) return;
  await transaction.kysely
    .insertInto("group_permissions")
    .values(permissionIds.map((permission_id) => ({ group_id: groupId, permission_id })))
    .execute();
}

export function findGroupsOfUser(db: Db, userId: number): Promise<GroupRow[]> {
  return db.kysely
    .selectFrom("user_groups")
    .innerJoin("groups", "groups.id", "user_groups.group_id")
    .select(["groups.id", "groups.name"])
    .where("user_id", "=", userId)
    .orderBy("groups.name")
    .execute();
}

export async function setUserGroups(
  transaction: Db,
  userId: number,
  groupIds: readonly number[],
): Promise<void> {
  await transaction.kysely.deleteFrom("user_groups").where("user_id", "=", userId).execute();
  if (groupIds.length === 0) return;
  await transaction.kysely
    .insertInto("user_groups")
    .values(groupIds.map((group_id) => ({ user_id: userId, group_id })))
    .execute();
}

export async function setUserPermissions(
  transaction: Db,
  userId: number,
  permissionIds: readonly number[],
): Promise<void> {
  await transaction.kysely.deleteFrom("user_permissions").where("user_id", "=", userId).execute();
  if (permissionIds.length === 0) return;
  await transaction.kysely
    .insertInto("user_permissions")
    .values(permissionIds.map((permission_id) => ({ user_id: userId, permission_id })))
    .execute();
}
