import { type Db, statement } from "../engines/database/database.ts";
import { nameKeys } from "../kernel/name-key.ts";
import { isSameName } from "./account-field.ts";
import { isMobileProved } from "./mobile.ts";
import {
  type AccountValues,
  columnNames,
  type NewUser,
  newAccount,
  type User,
  userColumns,
} from "./record.ts";

const byId = statement("users.byId", (db, values: { id: number }) =>
  db.selectFrom("users").select(userColumns).where("id", "=", values.id),
);

export function findUserById(db: Db, id: number): Promise<User | null> {
  return db.first(byId, { id });
}

const locked = statement("users.lock", (db, values: { id: number }, engine) => {
  const query = db.selectFrom("users").select(userColumns).where("id", "=", values.id);
  return engine === "postgres" ? query.forUpdate() : query;
});

/**
 * The account as it is now, and stays until the transaction ends: read it with this before writing what
 * depends on it. SQLite has one writer anyway.
 */
export function lockUser(transaction: Db, id: number): Promise<User | null> {
  return transaction.first(locked, { id });
}

const byLoginName = statement("users.byLoginName", (db, values: { nameKey: string }) =>
  db
    .selectFrom("login_names")
    .innerJoin("users", "users.id", "login_names.user_id")
    .select(userColumns)
    .where("login_names.name_key", "=", values.nameKey),
);

/**
 * The account that logs in by this user name, e-mail address or mobile number: one indexed look-up. Where earlier
 * versions let two accounts have one address in two writings of its domain, each is found by its own.
 */
export async function findUserByLoginName(db: Db, name: string): Promise<User | null> {
  for (const key of nameKeys(name)) {
    const user = await db.first(byLoginName, { nameKey: key });
    if (user !== null) return user;
  }
  return null;
}

/** The account whose own address this is; an account merely named like it does not count. */
export async function findUserByEmail(db: Db, email: string): Promise<User | null> {
  const user = await findUserByLoginName(db, email);
  return user?.email != null && isSameName(user.email, email) ? user : null;
}

/** The account whose own, proved number this is. */
export async function findUserByProvedMobile(db: Db, mobile: string): Promise<User | null> {
  const user = await findUserByLoginName(db, mobile);
  return user?.mobile === mobile && isMobileProved(user) ? user : null;
}

const insert = statement("users.insert", (db, values: AccountValues) => {
  const row = columnNames.map((name) => [name, values[name]]);
  return db
    .insertInto("users")
    .values(Object.fromEntries(row) as AccountValues)
    .returning("id");
});

/** Inserts the row alone; claim its log-in names in the same transaction. `now` in epoch milliseconds. */
export async function insertUser(transaction: Db, user: NewUser, now: number): Promise<User> {
  const values = newAccount(user, now);
  const row = await transaction.first(insert, values);
  return { ...values, id: row!.id };
}
