/** The console's pages in the order of the menu, each with the permissions any one of which opens it: a page shows the parts that its reader may see. */
import { may } from "./mine.ts";
import type { words } from "./words.ts";

export type PageName = keyof typeof words.value.pages;

interface MenuPage {
  readonly name: PageName;
  readonly path: string;
  readonly permissions: readonly string[];
  /** Whoever has this gets there by another page of the menu. */
  readonly unless?: string;
}

const menu: readonly MenuPage[] = [
  { name: "overview", path: "/overview", permissions: ["overview.view_overview"] },
  { name: "users", path: "/users", permissions: ["users.view_user"] },
  { name: "newUser", path: "/users/new", permissions: ["users.add_user"], unless: "users.view_user" },
  { name: "invitations", path: "/invitations", permissions: ["users.view_user"] },
  { name: "groups", path: "/groups", permissions: ["auth.view_group"] },
  { name: "blocks", path: "/blocks", permissions: ["log_ins.view_block", "admission.view_denial"] },
  { name: "mails", path: "/mails", permissions: ["mail.view_mail", "mail.view_template"] },
  { name: "jobs", path: "/jobs", permissions: ["jobs.view_job"] },
  { name: "webhooks", path: "/webhooks", permissions: ["webhooks.view_webhook"] },
  { name: "services", path: "/services", permissions: ["services.view_service"] },
  { name: "keys", path: "/keys", permissions: ["keys.view_signingkey"] },
  { name: "providers", path: "/providers", permissions: ["providers.view_provider"] },
  { name: "settings", path: "/settings", permissions: ["settings.view_setting"] },
  { name: "dataRequests", path: "/data-requests", permissions: ["rights.view_datarequest"] },
  { name: "runs", path: "/runs", permissions: ["runs.view_run", "users.bulk_user"] },
  { name: "audit", path: "/audit", permissions: ["audit.view_auditentry"] },
];

export const mayAny = (permissions: readonly string[]): boolean => permissions.some((one) => may(one));

/** Of a page of the menu: any one of them opens it. */
export const permissionsOf = (name: PageName): readonly string[] =>
  menu.find((one) => one.name === name)?.permissions ?? [];

export const ownMenu = () =>
  menu.filter(({ permissions, unless }) => mayAny(permissions) && !(unless !== undefined && may(unless)));
