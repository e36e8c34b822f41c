import { type Db, statement } from "../engines/database/database.ts";
import type { UsersTable } from "../engines/database/tables.ts";
import { nameKeys } from "../kernel/name-key.ts";
import { isSameName } from "./account-field.ts";
import { newCredentialsVersion } from "./credentials-version.ts";

/** An account as the services see it; dates in epoch milliseconds. */
export interface User {
  readonly id: number;
  readonly username: string;
  readonly email: string | null;
  readonly mobile: string | null;
  readonly first_name: string;
  readonly last_name: string;
  readonly password_hash: string;
  readonly password_trimmed: 0 | 1;
  readonly is_active: 0 | 1;
  readonly is_staff: 0 | 1;
  readonly is_superuser: 0 | 1;
  readonly email_verified: 0 | 1;
  readonly credentials_version: number;
  readonly credentials_changed_at: number | null;
  readonly last_login_at: number | null;
  readonly joined_at: number;
}

export const userColumns = [
  "users.id",
  "users.username",
  "users.email",
  "users.mobile",
  "users.first_name",
  "users.last_name",
  "users.password_hash",
  "users.password_trimmed",
  "users.is_active",
  "users.is_staff",
  "users.is_superuser",
  "users.email_verified",
  "users.credentials_version",
  "users.credentials_changed_at",
  "users.last_login_at",
  "users.joined_at",
] as const;

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

export type NewUser = Pick<UsersTable, "username" | "email" | "password_hash"> &
  Partial<Omit<UsersTable, "id">>;

const insert = statement("users.insert", (db, values: Omit<UsersTable, "id">) =>
  db
    .insertInto("users")
    .values({
      username: values.username,
      email: values.email,
      mobile: values.mobile,
      first_name: values.first_name,
      last_name: values.last_name,
      password_hash: values.password_hash,
      password_trimmed: values.password_trimmed,
      is_active: values.is_active,
      is_staff: values.is_staff,
      is_superuser: values.is_superuser,
      email_verified: values.email_verified,
      credentials_version: values.credentials_version,
      credentials_changed_at: values.credentials_changed_at,
      last_login_at: values.last_login_at,
      joined_at: values.joined_at,
      created_at: values.created_at,
      updated_at: values.updated_at,
    })
    .returning("id"),
);

/** Inserts the row alone; claim its log-in names in the same transaction. `now` in epoch milliseconds. */
export async function insertUser(transaction: Db, user: NewUser, now: number): Promise<User> {
  const values: Omit<UsersTable, "id"> = {
    mobile: null,
    first_name: "",
    last_name: "",
    password_trimmed: 0,
    is_active: 1,
    is_staff: 0,
    is_superuser: 0,
    email_verified: 0,
    credentials_version: newCredentialsVersion(),
    credentials_changed_at: null,
    last_login_at: null,
    joined_at: now,
    created_at: now,
    updated_at: now,
    ...user,
  };
  const row = await transaction.first(insert, values);
  return { ...values, id: row!.id };
}
