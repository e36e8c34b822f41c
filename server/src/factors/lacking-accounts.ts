import { type Expression, type ExpressionBuilder, type SqlBool, sql } from "kysely";
import type { Db } from "../engines/database/database.ts";
import type { Tables } from "../engines/database/tables.ts";
import type { BoundRule } from "./policy-settings.ts";

/** The accounts that must have a second factor and have none: for operators and administrators. */
type OfUsers = ExpressionBuilder<Tables, "users">;

/** As a condition of `users`. An account that is disabled can't log in, so nothing is demanded of it. */
export function lacksFactor(eb: OfUsers, rules: readonly BoundRule[]): Expression<SqlBool> {
  if (rules.length === 0) return sql<SqlBool>`1 = 0`;
  return eb.and([
    eb("users.is_active", "=", 1),
    eb("users.second_factor_at", "is", null),
    // A passkey that is only there to log in by is one all the same.
    eb.not(
      eb.exists(
        eb.selectFrom("passkeys").select("passkeys.user_id").whereRef("passkeys.user_id", "=", "users.id"),
      ),
    ),
    eb.or(rules.map((rule) => boundBy(eb, rule))),
  ]);
}

function boundBy(eb: OfUsers, rule: BoundRule): Expression<SqlBool> {
  if (!("name" in rule)) {
    if (rule.kind === "everybody") return sql<SqlBool>`1 = 1`;
    return eb.or([eb("users.is_staff", "=", 1), eb("users.is_superuser", "=", 1)]);
  }
  if (rule.kind === "group") {
    return eb.exists(
      eb
        .selectFrom("user_groups")
        .innerJoin("groups", "groups.id", "user_groups.group_id")
        .select("user_groups.user_id")
        .whereRef("user_groups.user_id", "=", "users.id")
        .where("groups.name", "=", rule.name),
    );
  }
  return eb.or([eb("users.is_superuser", "=", 1), mayDo(eb, rule.name)]);
}

/** By itself or by a group. */
function mayDo(eb: OfUsers, permission: string): Expression<SqlBool> {
  const dot = permission.indexOf(".");
  const [app, codename] = [permission.slice(0, dot), permission.slice(dot + 1)];
  const itself = eb
    .selectFrom("user_permissions")
    .innerJoin("permissions", "permissions.id", "user_permissions.permission_id")
    .select("user_permissions.user_id")
    .whereRef("user_permissions.user_id", "=", "users.id")
    .where("permissions.app", "=", app)
    .where("permissions.codename", "=", codename);
  const byGroup = eb
    .selectFrom("user_groups")
    .innerJoin("group_permissions", "group_permissions.group_id", "user_groups.group_id")
    .innerJoin("permissions", "permissions.id", "group_permissions.permission_id")
    .select("user_groups.user_id")
    .whereRef("user_groups.user_id", "=", "users.id")
    .where("permissions.app", "=", app)
    .where("permissions.codename", "=", codename);
  return eb.or([eb.exists(itself), eb.exists(byGroup)]);
}

export interface LackingAccount {
  readonly id: number;
  readonly username: string;
  /** When its days of grace began, epoch milliseconds; null where it was not met yet. */
  readonly second_factor_asked_at: number | null;
}

/** By id, `limit` at most. */
export function listLacking(
  db: Db,
  rules: readonly BoundRule[],
  { after, limit }: { readonly after: number; readonly limit: number },
): Promise<LackingAccount[]> {
  return db.kysely
    .selectFrom("users")
    .select(["id", "username", "second_factor_asked_at"])
    .where("id", ">", after)
    .where((eb) => lacksFactor(eb, rules))
    .orderBy("id")
    .limit(limit)
    .execute();
}

export async function countLacking(db: Db, rules: readonly BoundRule[]): Promise<number> {
  const { count } = await db.kysely
    .selectFrom("users")
    .select(sql<number | string>`count(*)`.as("count"))
    .where((eb) => lacksFactor(eb, rules))
    .executeTakeFirstOrThrow();
  return Number(count);
}

/**
 * As `countLacking`, in stretches of the table, as a count of SQLite's can't be broken off. Null where it is not done by
 * `until`, of `performance.now()`. `stretch`: rows at once.
 */
export async function countLackingUntil(
  db: Db,
  rules: readonly BoundRule[],
  until: number,
  stretch = 20_000,
): Promise<number | null> {
  let found = 0;
  for (let after = 0; ; ) {
    const { last, count } = await countStretch(db, rules, { after, stretch });
    if (last === null) return found;
    if (performance.now() > until) return null;
    found += count;
    after = last;
  }
}

async function countStretch(
  db: Db,
  rules: readonly BoundRule[],
  { after, stretch }: { readonly after: number; readonly stretch: number },
) {
  const { last } = await db.kysely
    .selectFrom((eb) =>
      eb.selectFrom("users").select("id").where("id", ">", after).orderBy("id").limit(stretch).as("part"),
    )
    .select((eb) => eb.fn.max("part.id").as("last"))
    .executeTakeFirstOrThrow();
  if (last === null) return { last, count: 0 };
  const { count } = await db.kysely
    .selectFrom("users")
    .select(sql<number | string>`count(*)`.as("count"))
    .where("id", ">", after)
    .where("id", "<=", last)
    .where((eb) => lacksFactor(eb, rules))
    .executeTakeFirstOrThrow();
  return { last, count: Number(count) };
}

/** Names of a rule that nobody can be in: no such group or permission. */
export async function unknownNames(db: Db, rules: readonly BoundRule[]): Promise<string[]> {
  const groups = await db.kysely.selectFrom("groups").select("name").execute();
  const permissions = await db.kysely.selectFrom("permissions").select(["app", "codename"]).execute();
  const known = new Set([
    ...groups.map(({ name }) => `group:${name}`),
    ...permissions.map(({ app, codename }) => `permission:${app}.${codename}`),
  ]);
  const named = rules.flatMap((rule) => ("name" in rule ? [`${rule.kind}:${rule.name}`] : []));
  return named.filter((one) => !known.has(one));
}
