/** The console's pages in the order of the menu, each with the permission that its reading needs. */
import { may } from "./mine.ts";
import type { words } from "./words.ts";

export type PageName = keyof typeof words.value.pages;

const menu: readonly {
  readonly name: PageName;
  readonly path: string;
  readonly permission: string;
}[] = [
  { name: "overview", path: "/overview", permission: "overview.view_overview" },
  { name: "users", path: "/users", permission: "users.view_user" },
  { name: "invitations", path: "/invitations", permission: "users.view_user" },
  { name: "groups", path: "/groups", permission: "auth.view_group" },
  { name: "blocks", path: "/blocks", permission: "log_ins.view_block" },
  { name: "mails", path: "/mails", permission: "mail.view_mail" },
  { name: "jobs", path: "/jobs", permission: "jobs.view_job" },
  { name: "webhooks", path: "/webhooks", permission: "webhooks.view_webhook" },
  { name: "services", path: "/services", permission: "services.view_service" },
  { name: "keys", path: "/keys", permission: "keys.view_signingkey" },
  { name: "providers", path: "/providers", permission: "providers.view_provider" },
  { name: "settings", path: "/settings", permission: "settings.view_setting" },
  { name: "dataRequests", path: "/data-requests", permission: "rights.view_datarequest" },
  { name: "runs", path: "/runs", permission: "runs.view_run" },
  { name: "audit", path: "/audit", permission: "audit.view_auditentry" },
];

export const ownMenu = () => menu.filter(({ permission }) => may(permission));
