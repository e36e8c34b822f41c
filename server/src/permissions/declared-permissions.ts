/**
 * The permissions this server itself asks for, with the names Django gives to its own, so that a group that
 * could edit users there can do it here. Others are created by an operator or come with an import.
 */
export const declaredPermissions = [
  { app: "users", model: "user", codename: "view_user", name: "Can view user" },
  { app: "users", model: "user", codename: "add_user", name: "Can add user" },
  { app: "users", model: "user", codename: "change_user", name: "Can change user" },
  { app: "users", model: "user", codename: "delete_user", name: "Can delete user" },
  { app: "users", model: "user", codename: "export_user", name: "Can export users" },
  { app: "users", model: "user", codename: "bulk_user", name: "Can change many users at once" },
  {
    app: "users",
    model: "user",
    codename: "look_as_user",
    name: "Can look at an account as its owner sees it",
  },
  { app: "users", model: "user", codename: "impersonate_user", name: "Can act in a user's place" },
  { app: "users", model: "note", codename: "view_note", name: "Can view notes about users" },
  { app: "users", model: "note", codename: "change_note", name: "Can write and remove notes about users" },
  { app: "users", model: "user", codename: "hold_deletion", name: "Can hold the deletion of user" },
  { app: "admission", model: "denial", codename: "view_denial", name: "Can view the deny list" },
  { app: "admission", model: "denial", codename: "change_denial", name: "Can change the deny list" },
  { app: "log_ins", model: "block", codename: "view_block", name: "Can view refused and blocked log-ins" },
  { app: "log_ins", model: "block", codename: "change_block", name: "Can unlock log-ins" },
  { app: "auth", model: "group", codename: "view_group", name: "Can view group" },
  { app: "auth", model: "group", codename: "add_group", name: "Can add group" },
  { app: "auth", model: "group", codename: "change_group", name: "Can change group" },
  { app: "auth", model: "group", codename: "delete_group", name: "Can delete group" },
  { app: "auth", model: "permission", codename: "view_permission", name: "Can view permission" },
  { app: "auth", model: "permission", codename: "add_permission", name: "Can add permission" },
  { app: "audit", model: "auditentry", codename: "view_auditentry", name: "Can view audit entry" },
  { app: "jobs", model: "job", codename: "view_job", name: "Can view background jobs" },
  { app: "jobs", model: "job", codename: "change_job", name: "Can retry and discard background jobs" },
  { app: "mail", model: "mail", codename: "view_mail", name: "Can view what became of mails" },
  { app: "mail", model: "template", codename: "view_template", name: "Can look at the templates of mails" },
  { app: "mail", model: "mail", codename: "test_mail", name: "Can send a mail to try" },
  { app: "overview", model: "overview", codename: "view_overview", name: "Can view the overview" },
  { app: "webhooks", model: "webhook", codename: "view_webhook", name: "Can view webhook" },
  { app: "webhooks", model: "webhook", codename: "change_webhook", name: "Can change webhook" },
  { app: "services", model: "service", codename: "view_service", name: "Can view service credential" },
  { app: "services", model: "service", codename: "change_service", name: "Can change service credential" },
  { app: "keys", model: "signingkey", codename: "view_signingkey", name: "Can view signing key" },
  { app: "keys", model: "signingkey", codename: "rotate_signingkey", name: "Can rotate signing key" },
  { app: "providers", model: "provider", codename: "view_provider", name: "Can view third-party provider" },
  { app: "providers", model: "provider", codename: "check_provider", name: "Can check third-party provider" },
  { app: "settings", model: "setting", codename: "view_setting", name: "Can view the settings in force" },
  { app: "rights", model: "datarequest", codename: "view_datarequest", name: "Can view data request" },
  { app: "runs", model: "run", codename: "view_run", name: "Can view imports and exports" },
  { app: "sessions", model: "token", codename: "introspect_token", name: "Can introspect token" },
] as const;

/** A permission that a program declares in its code, as Django's models do. */
export interface PermissionDeclaration {
  readonly app: string;
  /** Django's model in lower case; left out where there is none. */
  readonly model?: string;
  readonly codename: string;
  /** For people: "Can refund order". */
  readonly name: string;
}

/** Throws where one could never be asked for or granted by its name, or is declared twice. */
export function checkDeclarations(permissions: readonly PermissionDeclaration[]): void {
  const seen = new Set<string>(declaredPermissions.map(({ app, codename }) => `${app}.${codename}`));
  for (const { app, codename, name, model = "" } of permissions) {
    const full = `${app}.${codename}`;
    const isSound = [app, codename].every((part) => /^\w{1,100}$/.test(part)) && /^\w{0,100}$/.test(model);
    if (!isSound || name === "" || name.length > 255) {
      throw new Error(`the permission ${full} needs app and codename of letters, digits and _, and a name`);
    }
    if (seen.has(full)) throw new Error(`the permission ${full} is declared twice`);
    seen.add(full);
  }
}

type Declared = (typeof declaredPermissions)[number];

/** What a route may ask for. */
export type DeclaredPermission = Declared extends infer Each
  ? Each extends { app: infer App extends string; codename: infer Codename extends string }
    ? `${App}.${Codename}`
    : never
  : never;
