import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Look } from "./browser.ts";
import { type Journey, type LoggedIn, openLoggedIn } from "./journey.ts";

/** Somebody new who is logged in, made a superuser or staff with these permissions, as an operator's commands would. */
export async function openStaff(
  journey: Journey,
  { permissions, look }: { readonly permissions?: readonly string[]; readonly look?: Look } = {},
): Promise<LoggedIn> {
  const one = await openLoggedIn(journey, look);
  const database = new DatabaseSync(join(journey.stack.dataDir, "meiduo.sqlite3"));
  try {
    database.exec("pragma busy_timeout = 10000");
    const isSuperuser = permissions === undefined ? 1 : 0;
    database.prepare("update users set is_staff = 1, is_superuser = ? where id = ?").run(isSuperuser, one.id);
    const grant = database.prepare(
      "insert into user_permissions (user_id, permission_id) select ?, id from permissions where app || '.' || codename = ?",
    );
    for (const permission of permissions ?? []) grant.run(one.id, permission);
  } finally {
    database.close();
  }
  return one;
}
