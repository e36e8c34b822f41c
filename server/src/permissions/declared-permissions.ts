/**
 * The permissions this server itself asks for, with the names Django gives to its own, so that a group that
 * could edit users there can do it here. Others are created by an operator or come with an import.
 */
export const declaredPermissions = [
  { app: "users", model: "user", codename: "view_user", name: "Can view user" },
  { app: "users", model: "user", codename: "add_user", name: "Can add user" },
  { app: "users", model: "user", codename: "change_user", name: "Can change user" },
  { app: "users", model: "user", codename: "delete_user", name: "Can delete user" },
  { app: "auth", model: "group", codename: "view_group", name: "Can view group" },
  { app: "auth", model: "group", codename: "add_group", name: "Can add group" },
  { app: "auth", model: "group", codename: "change_group", name: "Can change group" },
  { app: "auth", model: "group", codename: "delete_group", name: "Can delete group" },
  { app: "auth", model: "permission", codename: "view_permission", name: "Can view permission" },
  { app: "auth", model: "permission", codename: "add_permission", name: "Can add permission" },
  { app: "audit", model: "auditentry", codename: "view_auditentry", name: "Can view audit entry" },
] as const;

type Declared = (typeof declaredPermissions)[number];

/** What a route may ask for. */
export type DeclaredPermission = Declared extends infer Each
  ? Each extends { app: infer App extends string; codename: infer Codename extends string }
    ? `${App}.${Codename}`
    : never
  : never;
