import { sql } from "kysely";
import { type Db, statement } from "../engines/database/database.ts";
import type { Flag } from "../engines/database/flag.ts";
import { AppError, invalidFields } from "../errors/errors.ts";
import { dayMillis } from "../kernel/clock.ts";
import type { LogInName } from "./account-field.ts";
import { newCredentialsVersion, randomShift, type VersionShift } from "./credentials-version.ts";
import { claimLoginName, handOverLoginName, releaseLoginName } from "./login-name-store.ts";
import { numberlessName } from "./made-username.ts";
import type { User, UserChanges } from "./record.ts";

/**
 * The one writer of accounts that are there. Promises: whatever must end an account's earlier tokens (another password,
 * being disabled, the wish itself) gives it another `credentials_version` in the same statement, here and nowhere else;
 * a new log-in name is claimed and the old one given up in the same transaction, so that a name never belongs to two
 * accounts or to none, and one that was given up is held for a while (guards: tidy.test.ts, account.race.test.ts, end-all-tokens.race.test.ts).
 */
export type Changes = UserChanges &
  Partial<
    Pick<
      User,
      "email_verified" | "proved_mobile" | "mobile_proved_at" | "username_changed_at" | "username_due"
    >
  >;

const names = ["username", "email", "mobile"] as const satisfies readonly LogInName[];

interface WriteOptions {
  readonly now: number;
  readonly claims?: readonly LogInName[];
  /** Whether the name was an erased account's a while ago: then nobody gets it but by an operator, who leaves this out. */
  readonly isErased?: (name: string, from: Db) => Promise<boolean>;
}

/**
 * Writes the changes of an account that the caller's transaction has locked, and returns it as it is then. `claims`: the
 * names that become its own to log in by; without it those that changed. `now` in epoch milliseconds. Error:
 * `invalid_fields` with every name that another account holds; the caller's transaction then undoes the rest.
 */
export async function writeChanges(
  transaction: Db,
  before: User,
  changes: Changes,
  { now, claims, isErased }: WriteOptions,
): Promise<User> {
  const renamed = usernameAfterNumber(before, changes);
  const isDisabled = before.is_active === 1 && changes.is_active === 0;
  // What is not given stays as it is.
  const given = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
  const written = {
    // Who goes back to a number that was given up proves it again: it may be somebody else's by now.
    ...(changes.mobile === undefined || changes.mobile === before.mobile
      ? {}
      : { proved_mobile: null, mobile_proved_at: null }),
    ...(given as Changes),
    ...(renamed === null ? {} : { username: renamed }),
    ...(isDisabled ? otherCredentials(now) : {}),
  };
  const after: User = { ...before, ...written };
  await transaction.kysely
    .updateTable("users")
    .set({ ...written, updated_at: now })
    .where("id", "=", before.id)
    .execute();
  const problems = [];
  const claimed = claims ?? names.filter((name) => after[name] !== before[name]);
  const isRenamedApart = renamed !== null && !claimed.includes("username");
  for (const field of isRenamedApart ? [...claimed, "username" as const] : claimed) {
    const [old, name] = [before[field], after[field]];
    const isFree = name === null || (await claimLoginName(transaction, name, before.id));
    // Behind the claim, which waits for an erasure that gives the name up at this moment.
    if (!isFree || (name !== null && (await isErased?.(name, transaction)))) {
      problems.push({ field, code: `${field}_taken` } as const);
    }
    if (old !== null) await releaseLoginName(transaction, old, after, { kind: field, now });
  }
  if (problems.length > 0) throw invalidFields(...problems);
  return after;
}

/**
 * Makes names of `from`, which is about to be erased, `to`'s, with what else `changes` says of `to`; returns that as it is then. Both are
 * locked by the caller's transaction. Whatever `to` had in their place is given up, and held. `now` in epoch milliseconds.
 */
export async function moveNames(
  transaction: Db,
  { from, to, changes, now }: { from: User; to: User; changes: Changes; now: number },
): Promise<User> {
  const moved = names.filter((field) => changes[field] != null && changes[field] === from[field]);
  for (const field of moved) {
    await handOverLoginName(transaction, from[field] ?? "", { from: from.id, to: to.id });
  }
  const left = {
    ...(moved.includes("username") ? { username: numberlessName() } : {}),
    ...(moved.includes("email") ? { email: null, email_verified: 0 as const } : {}),
    ...(moved.includes("mobile") ? { mobile: null, proved_mobile: null, mobile_proved_at: null } : {}),
  };
  if (moved.length > 0) {
    await transaction.kysely.updateTable("users").set(left).where("id", "=", from.id).execute();
  }
  return Object.keys(changes).length === 0 ? to : writeChanges(transaction, to, changes, { now });
}

/**
 * Where the user name is the number, as the accounts have that a classic first third-party log-in made, it follows the number,
 * and is made anew where there is none any more: whoever gets the number next could neither sign up with it nor find out why
 * (guard: classic-binding.test.ts). Null where it stays.
 */
function usernameAfterNumber(before: User, { username, mobile }: Changes): string | null {
  const isNumber = before.mobile !== null && before.username === before.mobile;
  if (!isNumber || username !== undefined || mobile === undefined || mobile === before.mobile) return null;
  return mobile ?? numberlessName();
}

function otherCredentials(now: number) {
  return { credentials_version: newCredentialsVersion(), credentials_changed_at: now };
}

/** What the account is called and looks like at a third party, and which picture of its own it shows; ends no token. */
export async function writeFace(
  transaction: Db,
  id: number,
  face: Partial<Pick<User, "provider_nickname" | "provider_avatar" | "avatar">>,
): Promise<void> {
  await transaction.kysely.updateTable("users").set(face).where("id", "=", id).execute();
}

/** Ends every token of the account. Returns its new credentials version. `now` in epoch milliseconds. */
export async function writeTokensEnded(db: Db, id: number, now: number): Promise<number> {
  const { credentials_version } = await db.kysely
    .updateTable("users")
    .set({ ...otherCredentials(now), updated_at: now })
    .where("id", "=", id)
    .returning("credentials_version")
    .executeTakeFirstOrThrow();
  return credentials_version;
}

/**
 * Gives every account another credentials version, in one statement, so no account is left out and none is ended twice
 * (guard: end-all-tokens.race.test.ts). `now` in epoch milliseconds ends what other services issued before it. Returns
 * how many accounts there are, and how their versions moved: for whoever keeps versions, and moves them in this
 * transaction. Whoever logs in meanwhile gets a token of before or of after, never one of neither.
 */
export async function endAllTokens(
  transaction: Db,
  now: number,
): Promise<{ accounts: number; moved: VersionShift }> {
  const moved = randomShift();
  const { least, range, shift } = moved;
  // In 64 bits: PostgreSQL's integer has no room for the sum.
  const version = sql<number>`cast(${least} as bigint) + (cast(credentials_version as bigint) + cast(${shift} as bigint)) % cast(${range} as bigint)`;
  const { numUpdatedRows } = await transaction.kysely
    .updateTable("users")
    .set({ credentials_version: version, credentials_changed_at: now, updated_at: now })
    .executeTakeFirstOrThrow();
  return { accounts: Number(numUpdatedRows), moved };
}

interface NewPassword {
  readonly id: number;
  readonly passwordHash: string;
  /** Where the change proves the address; without it that stays as it is. */
  readonly emailVerified?: Flag;
  /** 1 where the original may have trimmed it before hashing. */
  readonly trimmed?: Flag;
  /** Whether whoever sets it gave the present one; else it counts as reset. */
  readonly isProved?: boolean;
}

const password = statement(
  "users.setPassword",
  (
    db,
    values: Required<Omit<NewPassword, "emailVerified" | "isProved">> & {
      readonly emailVerified: Flag | null;
      readonly resetAt: number | null;
      readonly version: number;
      readonly now: number;
    },
  ) =>
    db
      .updateTable("users")
      .set({
        password_hash: values.passwordHash,
        password_trimmed: values.trimmed,
        credentials_version: values.version,
        credentials_changed_at: values.now,
        email_verified: sql<Flag>`coalesce(${values.emailVerified}, email_verified)`,
        password_reset_at: sql<number | null>`coalesce(${values.resetAt}, password_reset_at)`,
        updated_at: values.now,
      })
      .where("id", "=", values.id)
      .returning("credentials_version"),
);

/**
 * Sets the password and ends every earlier token of the account. Returns its new credentials version. Error: `not_found`.
 */
export async function writePassword(
  transaction: Db,
  { id, passwordHash, emailVerified, trimmed = 0, isProved = false }: NewPassword,
  now: number,
): Promise<number> {
  const version = newCredentialsVersion();
  const values = {
    ...{ id, passwordHash, emailVerified: emailVerified ?? null, trimmed, version, now },
    resetAt: isProved ? null : now,
  };
  if ((await transaction.first(password, values)) === null) throw new AppError("not_found");
  return version;
}

const numberProved = statement("users.numberProved", (db, values: { id: number; now: number }) =>
  db
    .updateTable("users")
    .set({ mobile_proved_at: values.now })
    .where("id", "=", values.id)
    .returning("mobile_proved_at"),
);

/** Notes that a code to the account's proved number came back now; the caller's transaction has locked it. */
export async function writeNumberProved(transaction: Db, id: number, now: number): Promise<void> {
  await transaction.first(numberProved, { id, now });
}

const nextVersion = statement("users.nextVersion", (db, values: { id: number; now: number }, engine) => {
  const now = engine === "postgres" ? sql<number>`cast(${values.now} as bigint)` : sql<number>`${values.now}`;
  const larger = sql.raw(engine === "postgres" ? "greatest" : "max");
  return db
    .updateTable("users")
    .set({ version: sql<number>`${larger}(version + 1, ${now})` })
    .where("id", "=", values.id)
    .returning("version");
});

/**
 * Another version of the account, in the transaction of its change: larger than every one before, also than those that a database
 * had before it was restored from a backup, which a mere counter would repeat. `now` in epoch milliseconds. Null where there is
 * no such account.
 */
export async function writeNextVersion(transaction: Db, id: number, now: number): Promise<number | null> {
  const row = await transaction.first(nextVersion, { id, now });
  return row === null ? null : Number(row.version);
}

const lastLogIn = statement("users.recordLogin", (db, values: { id: number; now: number }) =>
  db.updateTable("users").set({ last_login_at: values.now }).where("id", "=", values.id).returning("id"),
);

export async function writeLastLogIn(db: Db, id: number, now: number): Promise<void> {
  await db.first(lastLogIn, { id, now });
}

/** Replaces a hash by a newer one of the same password, unless the password changed meanwhile. Ends no token. */
export async function writeNewerHash(db: Db, id: number, oldHash: string, newHash: string): Promise<void> {
  await db.kysely
    .updateTable("users")
    .set({ password_hash: newHash })
    .where("id", "=", id)
    .where("password_hash", "=", oldHash)
    .execute();
}

/** The longest DELETION_GRACE_DAYS. */
export const longestGraceMillis = 15 * dayMillis;

/**
 * Notes from when on the account is to be erased, and ends its tokens with that; null for not at all any more, which ends
 * nothing. When it was asked for stays where it waits already. `now` in epoch milliseconds.
 */
export async function writeDeletionDue(
  transaction: Db,
  id: number,
  dueAt: number | null,
  now: number,
): Promise<void> {
  const ended = dueAt === null ? {} : otherCredentials(now);
  const askedAt =
    dueAt === null
      ? null
      : // What waits already was asked for then; at the earliest the longest grace ago, where that was not noted.
        sql<number>`case when deletion_due_at is null then ${now}
          else coalesce(deletion_asked_at, deletion_due_at - ${longestGraceMillis}) end`;
  await transaction.kysely
    .updateTable("users")
    .set({ deletion_due_at: dueAt, deletion_asked_at: askedAt, ...ended, updated_at: now })
    .where("id", "=", id)
    .execute();
}

/** Notes that the erasure begins what can't be undone. `now` in epoch milliseconds. */
export async function writeErasureBegun(transaction: Db, id: number, now: number): Promise<void> {
  await transaction.kysely.updateTable("users").set({ erasure_begun_at: now }).where("id", "=", id).execute();
}

/** Removes the row, and with it what belongs to it. */
export async function removeAccount(transaction: Db, id: number): Promise<void> {
  await transaction.kysely.deleteFrom("users").where("id", "=", id).execute();
}

/** Since when a log-in asks for the account's second factor; null for not at all. Ends no token. `now` in epoch milliseconds. */
export async function writeSecondFactor(
  transaction: Db,
  id: number,
  since: number | null,
  now: number,
): Promise<void> {
  await transaction.kysely
    .updateTable("users")
    .set({ second_factor_at: since, updated_at: now })
    .where("id", "=", id)
    .execute();
}

const asked = statement("users.secondFactorAsked", (db, values: { id: number; now: number }) =>
  db
    .updateTable("users")
    .set({ second_factor_asked_at: values.now })
    .where("id", "=", values.id)
    .where("second_factor_asked_at", "is", null)
    .returning("id"),
);

/** Notes that the account was met without the second factor that it must have; once. `now` in epoch milliseconds. */
export async function writeSecondFactorAsked(db: Db, id: number, now: number): Promise<void> {
  await db.first(asked, { id, now });
}
