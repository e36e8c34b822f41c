import { type ExpressionBuilder, type RawBuilder, type SelectQueryBuilder, sql } from "kysely";
import { email } from "../accounts/email.ts";
import { shownColumns, standingColumns } from "../accounts/record.ts";
import type { Db } from "../engines/database/database.ts";
import { endOfWalk } from "../engines/database/list-walk.ts";
import type { Tables } from "../engines/database/tables.ts";
import { lacksFactor } from "../factors/lacking-accounts.ts";
import type { BoundRule } from "../factors/policy-settings.ts";
import { pastedMobile } from "../kernel/mobile.ts";
import { nameKeys } from "../kernel/name-key.ts";
import { timeOf } from "./time-filter.ts";

/**
 * Pages of accounts for administrators, by ascending id: no page costs more for being far down the list, or for how many
 * accounts there are. Attack and accident: on SQLite a query holds everybody up, and one letter that every name begins
 * with took more than a second among a million accounts (guard: user-list.test.ts, which counts what a page looks at).
 */
export interface UserFilter {
  /** A user name, address or mobile number, an account's id, or a person's key at a third party: see `match`. */
  readonly search?: string;
  /**
   * How `search` has to fit. `exact`: as a whole. `prefix`, the default: a name's beginning, or the whole of anything else.
   * `contains`: anywhere in a name, address or number; no index answers that, so a page looks at 2,000 accounts.
   */
  readonly match?: UserMatch;
  readonly is_active?: boolean;
  readonly is_staff?: boolean;
  readonly is_superuser?: boolean;
  readonly group?: number;
  /** `missing`: the account must have one, and has none. */
  readonly second_factor?: "on" | "off" | "missing";
  /** Whether the address is confirmed. */
  readonly confirmed?: boolean;
  /** Bound to this third party. */
  readonly provider?: string;
  /** Made, or logged in to last, within: ISO 8601, the first included and the last not. */
  readonly joined_from?: string;
  readonly joined_to?: string;
  readonly seen_from?: string;
  readonly seen_to?: string;
  readonly after?: number;
  readonly limit: number;
}

export const userMatches = ["exact", "prefix", "contains"] as const;
export type UserMatch = (typeof userMatches)[number];

/**
 * `next` is what the next page comes after; null at the end. A page may have fewer than `limit` accounts, or none, and
 * still have a next one: it looked at as many accounts as one page may.
 */
export interface UserPage {
  readonly rows: readonly ShownUser[];
  readonly next: number | null;
}

type Users = SelectQueryBuilder<Tables, "users", object>;
type ShownUser = Awaited<ReturnType<typeof shown>>[number];

/** Found by a search or in a group: so many are looked at one by one, more are met on a walk by id. */
const few = 1_000;
/** Which few accounts have; migration 0020 has an index of them. */
const rare = { is_active: false, is_staff: true, is_superuser: true } as const;

export async function listUsers(
  db: Db,
  filter: UserFilter,
  rules: readonly BoundRule[] = [],
): Promise<UserPage> {
  const { limit } = filter;
  const found = await foundByFew(db, filter);
  let query = among(db, filter);
  let end: number | null = null;
  if (found !== null) query = query.where("id", "in", [...found, -1]);
  else {
    end = await endOfWalk(query.select("id").orderBy("id"));
    if (end !== null) query = query.where("id", "<=", end);
  }
  const rows = await shown(withFactor(matching(db, query, filter), filter, rules).limit(limit + 1));
  if (rows.length > limit) return { rows: rows.slice(0, limit), next: rows[limit - 1]!.id };
  return { rows, next: end };
}

const shown = (query: Users) => query.select(shownColumns).orderBy("id").execute();

/** What an index of `users` knows by itself. */
function among(db: Db, filter: UserFilter): Users {
  let query = db.kysely.selectFrom("users").where("id", ">", filter.after ?? 0) as Users;
  for (const flag of standingColumns) {
    // As a literal: to a bound value SQLite doesn't apply an index of a part of the rows.
    if (filter[flag] === rare[flag]) query = query.where((eb) => eb(flag, "=", eb.lit(rare[flag] ? 1 : 0)));
  }
  return query;
}

/** The rest of the filter, asked of each account. */
function matching(db: Db, given: Users, filter: UserFilter): Users {
  const { search, match = "prefix", group, confirmed, provider, ...flags } = filter;
  let query = withinTimes(given, filter);
  if (confirmed !== undefined) query = query.where("email_verified", "=", confirmed ? 1 : 0);
  if (provider !== undefined) {
    query = query.where((eb) => eb.exists(bindingsOf(eb).where("provider", "=", provider)));
  }
  for (const flag of standingColumns) {
    if (flags[flag] === !rare[flag]) query = query.where(flag, "=", rare[flag] ? 0 : 1);
  }
  if (group !== undefined) {
    query = query.where((eb) =>
      eb.exists(
        eb
          .selectFrom("user_groups")
          .select("user_id")
          .whereRef("user_id", "=", "users.id")
          .where("group_id", "=", group),
      ),
    );
  }
  if (search === undefined) return query;
  if (match === "contains") return query.where((eb) => eb.or(containing(search)));
  const keys = keysOf(search);
  const id = idIn(search);
  return query.where((eb) =>
    eb.or([
      ...keys.map((key) =>
        eb.exists(
          eb
            .selectFrom("login_names")
            .select("user_id")
            .whereRef("user_id", "=", "users.id")
            .where(fits(db, key, match)),
        ),
      ),
      eb("email", "in", addressesOf(search)),
      eb.exists(bindingsOf(eb).where("account_key", "=", search)),
      ...(id === null ? [] : [eb("id", "=", id)]),
    ]),
  );
}

const timeFilters = [
  ["joined_from", "joined_at", ">="],
  ["joined_to", "joined_at", "<"],
  ["seen_from", "last_login_at", ">="],
  ["seen_to", "last_login_at", "<"],
] as const;

/** Error: `invalid_fields` for what is no time. */
function withinTimes(given: Users, filter: UserFilter): Users {
  let query = given;
  for (const [field, column, operator] of timeFilters) {
    const text = filter[field];
    if (text === undefined) continue;
    query = query.where(column, operator, timeOf(field, text));
  }
  return query;
}

const bindingsOf = (eb: ExpressionBuilder<Tables, "users">) =>
  eb.selectFrom("bindings").select("user_id").whereRef("user_id", "=", "users.id");

/** An id that was pasted; null where it can be none. */
const idIn = (search: string) => (/^[1-9]\d{0,14}$/.test(search) ? Number(search) : null);

const searchedColumns = ["username", "email", "mobile", "first_name", "last_name", "nickname"] as const;

function containing(search: string): RawBuilder<boolean>[] {
  const pattern = `%${search.toLowerCase().replace(/[\\%_]/g, "\\$&")}%`;
  return searchedColumns.map((column) => sql<boolean>`lower(${sql.ref(column)}) like ${pattern} escape '\\'`);
}

function withFactor(query: Users, { second_factor }: UserFilter, rules: readonly BoundRule[]): Users {
  if (second_factor === "on") return query.where("second_factor_at", "is not", null);
  if (second_factor === "off") return query.where("second_factor_at", "is", null);
  return second_factor === "missing" ? query.where((eb) => lacksFactor(eb, rules)) : query;
}

/** Keys that a name may be held under. A number is found as other programs write it, too. */
function keysOf(search: string): readonly string[] {
  const number = pastedMobile(search);
  return number === null ? nameKeys(search) : [...new Set([...nameKeys(search), number])];
}

/** Accounts that share an address have no log-in name for it. */
const addressesOf = (search: string) => [search, email.normalize(search), ...nameKeys(search)];

/** The ids that a search or a group finds, where they are few; null where they are many, or nothing is looked for. */
async function foundByFew(
  db: Db,
  { search, match = "prefix", group }: UserFilter,
): Promise<ReadonlySet<number> | null> {
  if (search !== undefined && match !== "contains") {
    const id = idIn(search);
    const found = new Set<number>(id === null ? [] : [id]);
    const byPerson = db.kysely.selectFrom("bindings").select("user_id").where("account_key", "=", search);
    for (const { user_id } of await byPerson.limit(few + 1).execute()) found.add(user_id);
    const byAddress = db.kysely.selectFrom("users").select("id").where("email", "in", addressesOf(search));
    for (const { id } of await byAddress.limit(few + 1).execute()) found.add(id);
    for (const key of keysOf(search)) {
      const byName = db.kysely
        .selectFrom("login_names")
        .select("user_id")
        .where(fits(db, key, match));
      for (const { user_id } of await byName.limit(few + 1).execute()) found.add(user_id);
    }
    if (found.size <= few) return found;
  }
  if (group === undefined) return null;
  const members = await db.kysely
    .selectFrom("user_groups")
    .select("user_id")
    .where("group_id", "=", group)
    .limit(few + 1)
    .execute();
  return members.length > few ? null : new Set(members.map(({ user_id }) => user_id));
}

function fits(db: Db, key: string, match: UserMatch): RawBuilder<boolean> {
  return match === "exact" ? sql<boolean>`name_key = ${key}` : beginsWith(db, key);
}

/** SQLite's LIKE uses an index only under conditions; a range always does, in its binary collation. */
function beginsWith(db: Db, key: string): RawBuilder<boolean> {
  return db.engine === "sqlite"
    ? sql`name_key >= ${key} and name_key < ${`${key}\u{10ffff}`}`
    : sql`name_key like ${`${key.replace(/[\\%_]/g, "\\$&")}%`}`;
}
