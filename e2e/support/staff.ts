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
  withDatabase(journey, (database) => {
    const isSuperuser = permissions === undefined ? 1 : 0;
    database.prepare("update users set is_staff = 1, is_superuser = ? where id = ?").run(isSuperuser, one.id);
  });
  grantAlone(journey, one.id, permissions ?? []);
  return one;
}

/** These permissions of their own, and no others. */
export function grantAlone(journey: Journey, userId: number, permissions: readonly string[]): void {
  withDatabase(journey, (database) => {
    database.prepare("delete from user_permissions where user_id = ?").run(userId);
    const grant = database.prepare(
      "insert into user_permissions (user_id, permission_id) select ?, id from permissions where app || '.' || codename = ?",
    );
    for (const permission of permissions) grant.run(userId, permission);
  });
}

/** Every permission there is, as `app.name`. */
export function everyPermission(journey: Journey): string[] {
  return withDatabase(journey, (database) =>
    database
      .prepare("select app || '.' || codename as name from permissions order by 1")
      .all()
      .map(({ name }) => String(name)),
  );
}

function withDatabase<Result>(journey: Journey, work: (database: DatabaseSync) => Result): Result {
  const database = new DatabaseSync(join(journey.stack.dataDir, "meiduo.sqlite3"));
  try {
    database.exec("pragma busy_timeout = 10000");
    return work(database);
  } finally {
    database.close();
  }
}
