import type { Db } from "../engines/database/database.ts";
import {
  checkDeclarations,
  declaredPermissions,
  type PermissionDeclaration,
} from "./declared-permissions.ts";
import {
  findAllPermissionNames,
  findGroupPermissions,
  findUserPermissions,
  insertPermission,
} from "./permission-store.ts";

/**
 * Who may do what, with Django's rules: an account has the union of what it was granted itself and of what its
 * groups were granted; an inactive account has nothing, whatever it was granted; an active superuser has
 * everything, also permissions nobody has created yet. Nothing is cached: a grant that is withdrawn is gone
 * with the next request.
 */
export interface PermissionHolder {
  readonly id: number;
  readonly is_active: 0 | 1;
  readonly is_superuser: 0 | 1;
}

export interface Permissions {
  /** `permission` is `<app>.<codename>`. Django's has_perm. */
  has(user: PermissionHolder, permission: string): Promise<boolean>;
  /** Django's has_perms: all of them. */
  hasAll(user: PermissionHolder, permissions: readonly string[]): Promise<boolean>;
  /** Django's has_module_perms: any permission of the app. */
  hasAnyOf(user: PermissionHolder, app: string): Promise<boolean>;
  /** Django's get_all_permissions, sorted. */
  all(user: PermissionHolder): Promise<string[]>;
  /** Django's get_group_permissions, sorted. */
  ofGroups(user: PermissionHolder): Promise<string[]>;
  /** What is granted to the account itself, whether it is active or not; sorted. */
  grantedTo(userId: number, from?: Db): Promise<string[]>;
  /** What is granted to the account or its groups, whether it is active or not; sorted. */
  grantedInAnyWay(userId: number, from?: Db): Promise<string[]>;
  /** The name of every permission that there is. */
  everyName(): Promise<string[]>;
  /** Creates the permissions that code asks for, where they are missing. Run at every start. */
  declare(): Promise<void>;
}

/** `declarations`: what the embedding program asks for besides the server's own. */
export function createPermissions({
  db,
  declarations = [],
}: {
  db: Db;
  declarations?: readonly PermissionDeclaration[];
}): Permissions {
  checkDeclarations(declarations);

  async function held(user: PermissionHolder): Promise<Set<string>> {
    if (user.is_active === 0) return new Set();
    if (user.is_superuser === 1) return new Set(await findAllPermissionNames(db));
    return new Set([
      ...(await findUserPermissions(db, user.id)),
      ...(await findGroupPermissions(db, user.id)),
    ]);
  }

  async function hasAll(user: PermissionHolder, permissions: readonly string[]): Promise<boolean> {
    if (user.is_active === 0) return false;
    if (user.is_superuser === 1) return true;
    const own = await held(user);
    return permissions.every((permission) => own.has(permission));
  }

  return {
    has: (user, permission) => hasAll(user, [permission]),
    hasAll,
    async hasAnyOf(user, app) {
      if (user.is_active === 1 && user.is_superuser === 1) return true;
      return [...(await held(user))].some((permission) => permission.startsWith(`${app}.`));
    },
    all: async (user) => [...(await held(user))].sort(),
    async ofGroups(user) {
      if (user.is_active === 0) return [];
      const names =
        user.is_superuser === 1 ? await findAllPermissionNames(db) : await findGroupPermissions(db, user.id);
      return [...new Set(names)].sort();
    },
    grantedTo: async (userId, from = db) => [...new Set(await findUserPermissions(from, userId))].sort(),
    async grantedInAnyWay(userId, from = db) {
      const own = await findUserPermissions(from, userId);
      return [...new Set([...own, ...(await findGroupPermissions(from, userId))])].sort();
    },
    everyName: () => findAllPermissionNames(db),
    async declare() {
      const known = new Set(await findAllPermissionNames(db));
      const wanted = [...declaredPermissions, ...declarations.map((one) => ({ model: "", ...one }))];
      const missing = wanted.filter(({ app, codename }) => !known.has(`${app}.${codename}`));
      for (const permission of missing) await insertPermission(db, permission);
    },
  };
}
