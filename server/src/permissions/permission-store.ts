import { type Db, statement } from "../engines/database/database.ts";

/** A permission as Django writes it in code: `<app>.<codename>`. */
export interface PermissionRow {
  readonly id: number;
  readonly app: string;
  readonly model: string;
  readonly codename: string;
  readonly name: string;
}

export interface GroupRow {
  readonly id: number;
  readonly name: string;
}

const ofUser = statement("permissions.ofUser", (db, values: { userId: number }) =>
  db
    .selectFrom("user_permissions")
    .innerJoin("permissions", "permissions.id", "user_permissions.permission_id")
    .select(["app", "codename"])
    .where("user_permissions.user_id", "=", values.userId),
);

const ofGroupsOfUser = statement("permissions.ofGroupsOfUser", (db, values: { userId: number }) =>
  db
    .selectFrom("user_groups")
    .innerJoin("group_permissions", "group_permissions.group_id", "user_groups.group_id")
    .innerJoin("permissions", "permissions.id", "group_permissions.permission_id")
    .select(["app", "codename"])
    .where("user_groups.user_id", "=", values.userId),
);

/** Names of the permissions granted to the account itself. */
export async function findUserPermissions(db: Db, userId: number): Promise<string[]> {
  return names(await db.all(ofUser, { userId }));
}

/** Names of the permissions granted to any of the account's groups. */
export async function findGroupPermissions(db: Db, userId: number): Promise<string[]> {
  return names(await db.all(ofGroupsOfUser, { userId }));
}

const everyName = statement("permissions.names", (db, _values: object) =>
  db.selectFrom("permissions").select(["app", "codename"]),
);

export async function findAllPermissionNames(db: Db): Promise<string[]> {
  return names(await db.all(everyName, {}));
}

export function listPermissions(db: Db): Promise<PermissionRow[]> {
  return db.kysely
    .selectFrom("permissions")
    .selectAll()
    .orderBy("app")
    .orderBy("model")
    .orderBy("codename")
    .execute();
}

/** Rows of the named permissions. A name that several models share gives several rows. */
export async function findPermissionsByName(
  db: Db,
  wanted: readonly string[],
): Promise<Map<string, PermissionRow>> {
  const found = new Map<string, PermissionRow>();
  if (wanted.length === 0) return found;
  const apps = [...new Set(wanted.map((name) => name.slice(0, name.indexOf("."))))];
  const rows = await db.kysely
    .selectFrom("permissions")
    .selectAll()
    .where("app", "in", apps)
    .orderBy("id", "desc")
    .execute();
  const names = new Set(wanted);
  for (const row of rows) if (names.has(nameOf(row))) found.set(nameOf(row), row);
  return found;
}

export async function insertPermission(
  db: Db,
  permission: Omit<PermissionRow, "id">,
): Promise<number | null> {
  const row = await db.kysely
    .insertInto("permissions")
    .values(permission)
    .onConflict((conflict) => conflict.columns(["app", "codename", "model"]).doNothing())
    .returning("id")
    .executeTakeFirst();
  return row?.id ?? null;
}

export function nameOf(row: { app: string; codename: string }): string {
  return `${row.app}.${row.codename}`;
}

function names(rows: { app: string; codename: string }[]): string[] {
  return rows.map(nameOf);
}
