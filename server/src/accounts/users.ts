import type { Db } from "../engines/database/database.ts";
import { AppError } from "../errors/errors.ts";
import type { Events } from "../events/events.ts";
import type { Clock } from "../kernel/clock.ts";
import type { NameGiver } from "./account-field.ts";
import { writeFace, writeLastLogIn, writeNewerHash, writeNumberProved, writePassword } from "./change.ts";
import type { ErasedNames } from "./erased-names.ts";
import { claimLoginName, createTakenNames } from "./login-name-store.ts";
import { madeUsername } from "./made-username.ts";
import { checkNewUser, normalizeNewUser } from "./new-user.ts";
import { speaksForSite } from "./nickname.ts";
import type { NewUser, User } from "./record.ts";
import { createReservedUsernames, type ReservedUsernames } from "./reserved-usernames.ts";
import {
  findUserByEmail,
  findUserById,
  findUserByLoginName,
  findUserByProvedMobile,
  insertUser,
  lockUser,
} from "./user-store.ts";

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
  /** Without it names of erased accounts are free: for what reads accounts and makes none. */
  readonly erasedNames?: Pick<ErasedNames, "has" | "digestsOf" | "free">;
  /** Without it nobody is told of new accounts. */
  readonly events?: Pick<Events, "record">;
}

/** Six digits behind a name are taken as often in a row by no accident. */
const attemptsAtNames = 12;

function isNameTaken(error: unknown): boolean {
  return error instanceof AppError && error.fields.some(({ code }) => code === "username_taken");
}

export function createUsers({
  db,
  clock,
  erasedNames,
  events,
  reserved = createReservedUsernames([]),
}: UsersDeps) {
  const isErased = async (name: string, from: Db = db) => (await erasedNames?.has(from, name)) ?? false;

  const isTaken = createTakenNames(db, erasedNames);

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
    byEmail: (email: string, from: Db = db): Promise<User | null> => findUserByEmail(from, email),
    /** By its own number, where that is proved. */
    byProvedMobile: (mobile: string, from: Db = db): Promise<User | null> =>
      findUserByProvedMobile(from, mobile),
    /** Also where an account that is gone held it until a while ago. */
    isLoginNameTaken: isTaken,
    isErased,
    /** Of an account that was erased: somebody has proved it, and no token names a number. */
    freeErasedNumber: async (transaction: Db, mobile: string): Promise<void> =>
      erasedNames?.free(transaction, mobile),
    /**
     * Runs `work` with a user name made from the address (null: of somebody without one), with another one where somebody else was faster. `work` must undo
     * what it did where it throws `invalid_fields` for `username_taken`; whatever else it throws is thrown.
     */
    async withMadeUsername<Result>(
      email: string | null,
      work: (name: string) => Promise<Result>,
    ): Promise<Result> {
      for (let attempt = 0; ; attempt++) {
        const name = madeUsername(email, reserved, attempt);
        const isLast = attempt === attemptsAtNames;
        if (!isLast && (await isTaken(name))) continue;
        try {
          return await work(name);
        } catch (error) {
          if (isLast || !isNameTaken(error)) throw error;
        }
      }
    },
    /** When the account was logged in to last. */
    recordLogIn: (id: number): Promise<void> => writeLastLogIn(db, id, clock.now()),
    /** That a code to its proved number came back, in the transaction that uses the code. */
    recordNumberProved: (transaction: Db, id: number): Promise<void> =>
      writeNumberProved(transaction, id, clock.now()),
    /**
     * Sets the password, which ends every earlier token of the account. Returns its new credentials version; write what
     * tells the owner in the same transaction.
     */
    setPassword: (
      transaction: Db,
      change: Pick<User, "id"> & { readonly passwordHash: string; readonly emailVerified?: 0 | 1 },
    ): Promise<number> => writePassword(transaction, change, clock.now()),
    /**
     * What third parties say of the account's owner, the first to be bound first: of the nicknames the first that doesn't
     * speak for the site, of the pictures the first. Ends no token.
     */
    setProviderFace: (
      transaction: Db,
      id: number,
      said: readonly { readonly nickname: string | null; readonly avatar: string | null }[],
    ): Promise<void> => {
      const isFit = ({ nickname }: (typeof said)[number]) =>
        nickname !== null && !speaksForSite(nickname, reserved);
      return writeFace(transaction, id, {
        provider_nickname: said.find(isFit)?.nickname ?? null,
        provider_avatar: said.find(({ avatar }) => avatar !== null)?.avatar ?? null,
      });
    },
    /** Which picture of its own it shows, of an account that the caller's transaction has locked; empty for none. */
    setAvatar: (transaction: Db, id: number, avatar: string): Promise<void> =>
      writeFace(transaction, id, { avatar }),
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
        if (name === null) continue;
        // In this order: an erasure that holds the name has committed before the claim goes through.
        if (!(await claimLoginName(transaction, name, created.id))) return { taken: kind };
        if (await isErased(name, transaction)) return { taken: kind };
      }
      await events?.record(transaction, { type: "user.created", userId: created.id });
      return created;
    },
  };
}
