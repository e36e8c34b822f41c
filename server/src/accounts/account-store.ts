import type { Db } from "../engines/database/database.ts";
import { newCredentialsVersion } from "./credentials-version.ts";
import type { User } from "./user-store.ts";

/** Writes what people may change about themselves; the log-in names are claimed by the caller. */
export async function updateProfile(transaction: Db, user: User, now: number): Promise<void> {
  await transaction.kysely
    .updateTable("users")
    .set({
      username: user.username,
      first_name: user.first_name,
      last_name: user.last_name,
      mobile: user.mobile,
      email: user.email,
      email_verified: user.email_verified,
      updated_at: now,
    })
    .where("id", "=", user.id)
    .execute();
}

/** Ends every token issued so far. Returns the account's new credentials version. */
export async function bumpCredentials(db: Db, id: number, now: number): Promise<number> {
  const { credentials_version } = await db.kysely
    .updateTable("users")
    .set({
      credentials_version: newCredentialsVersion(),
      credentials_changed_at: now,
      updated_at: now,
    })
    .where("id", "=", id)
    .returning("credentials_version")
    .executeTakeFirstOrThrow();
  return credentials_version;
}
