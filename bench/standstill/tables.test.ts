import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { requestsOf } from "./requests.ts";
import { filled } from "./tables.ts";

/** Filled by accounts.ts and sessions.ts, or by hand in fill.ts. */
const filledElsewhere = ["users", "login_names", "sessions", "groups", "user_groups", "audit_marks"];

/** What doesn't grow with the people: set up by operators, or once for the installation. */
const small = [
  ...["schema_migrations", "installation", "first_superuser_links", "signing_keys"],
  ...["services", "service_secrets", "webhook_endpoints", "permissions", "group_permissions"],
  // By hand, for one account at a time.
  "user_permissions",
  // Of the log of thirty days, a row an hour and name.
  "hourly_counts",
  // Development's own.
  "mailbox_messages",
  // Read by their run's or their avatar's name alone.
  ...["bulk_run_accounts", "avatar_files"],
];

const read = (file: string) => readFileSync(new URL(`../../docs/${file}`, import.meta.url), "utf8");

it("fills every table that grows", () => {
  const tables = [...read("schema.sql").matchAll(/create table "?(\w+)"?/gi)]
    .map(([, name = ""]) => name)
    .filter((name) => !name.startsWith("sqlite_"));
  const known = [...filled.map(({ table }) => table), ...filledElsewhere, ...small];
  expect(tables.filter((table) => !known.includes(table))).toEqual([]);
  expect(known.filter((table) => !tables.includes(table))).toEqual([]);
});

it("asks for every list of the administration", () => {
  const { paths } = JSON.parse(read("openapi.json")) as { paths: Record<string, object> };
  const lists = Object.entries(paths)
    .filter(([path, methods]) => path.startsWith("/admin/") && "get" in methods)
    .map(([path]) => path);
  const asked = requestsOf("token", 1).map(({ request }) => String(request.url).replace(/\?.*/, ""));
  const isAsked = (path: string) =>
    asked.some((url) => new RegExp(`^${path.replaceAll(/\{\w+\}/g, "[^/]+")}$`).test(url));
  // Settings, and what the doctor finds, are the program's that serves them, and lie in no table.
  expect(lists.filter((path) => !isAsked(path))).toEqual(["/admin/settings/", "/admin/doctor/"]);
});
