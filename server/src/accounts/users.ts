import type { Db } from "../engines/database/database.ts";
import type { Clock } from "../kernel/clock.ts";
import type { NameGiver } from "./account-field.ts";
import { writeLastLogIn, writeNewerHash, writePassword } from "./change.ts";
import { claimLoginName, isLoginNameTaken } from "./login-name-store.ts";
import { checkNewUser, normalizeNewUser } from "./new-user.ts";
import type { NewUser, User } from "./record.ts";
import { createReservedUsernames, type ReservedUsernames } from "./reserved-usernames.ts";
import { findUserByEmail, findUserById, findUserByLoginName, insertUser, lockUser } from "./user-store.ts";

/** Accounts as the higher domains (tokens, third-party log-in, administration) see them. */
export type Users = ReturnType<typeof createUsers>;

/** First and last name with a space between, as Django's get_full_name. */
export function fullName(user: Pick<User, "first_name" | "last_name">): string {
  return `${user.first_name} ${user.last_name}`.trim();
}

export interface UsersDeps {
  readonly db: Db;
  readonly clock: Clock;
  /** Without it the built-in ones. */
  readonly reserved?: ReservedUsernames;
}

export function createUsers({ db, clock, reserved = createReservedUsernames([]) }: UsersDeps) {
  return {
    byId: (id: number, from: Db = db): Promise<User | null> => findUserById(from, id),
    /** The account, under lock until the transaction ends: changes of one account come one after another. */
    lock: (transaction: Db, id: number): Promise<User | null> => lockUser(transaction, id),
    /**
     * The account, under lock until the transaction ends; null when it is gone or disabled, or when its
     * credentials changed since `seen` was read: then nothing that was proved since counts any more.
     */
    async lockUnchanged(
      transaction: Db,
      seen: Pick<User, "id" | "credentials_version">,
    ): Promise<User | null> {
      const user = await lockUser(transaction, seen.id);
      const isUnchanged = user?.is_active === 1 && user.credentials_version === seen.credentials_version;
      return isUnchanged ? user : null;
    },
    /** By user name, e-mail address or mobile number. */
    byLoginName: (name: string, from: Db = db): Promise<User | null> => findUserByLoginName(from, name),
    /** By its own address. */
    byEmail: (email: string): Promise<User | null> => findUserByEmail(db, email),
    isLoginNameTaken: (name: string): Promise<boolean> => isLoginNameTaken(db, name),
    /** When the account was logged in to last. */
    recordLogIn: (id: number): Promise<void> => writeLastLogIn(db, id, clock.now()),
    /**
     * Sets the password, which ends every earlier token of the account. Returns its new credentials version; write what
     * tells the owner in the same transaction.
     */
    setPassword: (
      transaction: Db,
      change: Pick<User, "id"> & { readonly passwordHash: string; readonly emailVerified: 0 | 1 },
    ): Promise<number> => writePassword(transaction, change, clock.now()),
    /** Replaces the hash that `seen` had by a newer one of the same password, unless the password changed meanwhile. */
    renewHash: (seen: Pick<User, "id" | "password_hash">, newer: string): Promise<void> =>
      writeNewerHash(db, seen.id, seen.password_hash, newer),
    /**
     * Writes an account and claims its names, all in the caller's transaction. Names, address and number are stored in
     * the form, and held to the rules, of a sign-up; `giver` "operator" allows what administrators may give: a reserved
     * name, one of another length, an address. Returns which name was taken instead; the caller then throws, which
     * undoes the rest. Error: `invalid_fields` for names that are none, before anything is written.
     */
    async add(
      transaction: Db,
      user: NewUser,
      giver: NameGiver = "person",
    ): Promise<User | { taken: "username" | "email" | "mobile" }> {
      const normalized = normalizeNewUser(user);
      checkNewUser(normalized, giver, reserved);
      const created = await insertUser(transaction, normalized, clock.now());
      for (const kind of ["username", "email", "mobile"] as const) {
        const name = created[kind];
        if (name !== null && !(await claimLoginName(transaction, name, created.id))) return { taken: kind };
      }
      return created;
    },
  };
}
