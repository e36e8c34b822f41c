import { email } from "../accounts/email.ts";
import { shownColumns, standingColumns } from "../accounts/record.ts";
import type { Db } from "../engines/database/database.ts";
import { nameKeys } from "../kernel/name-key.ts";

/** Pages of accounts for administrators, by ascending id: no page costs more for being far down the list. */
export interface UserFilter {
  /** The beginning of a user name, address or mobile number; or a whole address. */
  readonly search?: string;
  readonly is_active?: boolean;
  readonly is_staff?: boolean;
  readonly is_superuser?: boolean;
  readonly group?: number;
  readonly after?: number;
  readonly limit: number;
}

export function listUsers(db: Db, filter: UserFilter) {
  let query = db.kysely.selectFrom("users").select(shownColumns).orderBy("id").limit(filter.limit);
  if (filter.after !== undefined) query = query.where("id", ">", filter.after);
  for (const flag of standingColumns) {
    if (filter[flag] !== undefined) query = query.where(flag, "=", filter[flag] ? 1 : 0);
  }
  const { group, search } = filter;
  if (group !== undefined) {
    query = query.where("id", "in", (eb) =>
      eb.selectFrom("user_groups").select("user_id").where("group_id", "=", group),
    );
  }
  if (search !== undefined) {
    const keys = nameKeys(search);
    query = query.where((eb) =>
      eb.or([
        ...keys.map((key) => eb("id", "in", namesBeginningWith(db, key))),
        // Accounts that share an address have no log-in name for it.
        eb("email", "in", [search, email.normalize(search), ...keys]),
      ]),
    );
  }
  return query.execute();
}

function namesBeginningWith(db: Db, key: string) {
  const names = db.kysely.selectFrom("login_names").select("user_id");
  // SQLite's LIKE uses an index only under conditions; a range always does, in its binary collation.
  if (db.engine === "sqlite")
    return names.where("name_key", ">=", key).where("name_key", "<", `${key}\u{10ffff}`);
  return names.where("name_key", "like", `${key.replace(/[\\%_]/g, "\\$&")}%`);
}
