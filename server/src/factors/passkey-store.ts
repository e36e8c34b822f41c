import { sql } from "kysely";
import { type Db, statement } from "../engines/database/database.ts";
import type { Flag } from "../engines/database/flag.ts";

/** The tables `passkeys` and `passkey_handles`: what devices keep for an account, and what they call it. */
export interface PasskeyRow {
  readonly id: string;
  readonly user_id: number;
  readonly credential_id: string;
  /** COSE, base64url. */
  readonly public_key: string;
  readonly counter: number;
  /** With commas. */
  readonly transports: string;
  readonly device_type: "singleDevice" | "multiDevice";
  readonly backed_up: Flag;
  readonly aaguid: string;
  readonly name: string;
  readonly created_at: number;
  readonly last_used_at: number | null;
}

declare module "../engines/database/tables.ts" {
  interface Tables {
    passkeys: { -readonly [Name in keyof PasskeyRow]: PasskeyRow[Name] };
    passkey_handles: { user_id: number; handle: string };
  }
}

const handle = statement("passkey_handles.byUser", (db, values: { userId: number }) =>
  db.selectFrom("passkey_handles").select("handle").where("user_id", "=", values.userId),
);

/** What devices call the account: `fresh`, unless it has one already. Of many callers at once all get the same. */
export async function handleOf(db: Db, userId: number, fresh: string): Promise<string> {
  const known = await db.first(handle, { userId });
  if (known !== null) return known.handle;
  await db.kysely
    .insertInto("passkey_handles")
    .values({ user_id: userId, handle: fresh })
    .onConflict((conflict) => conflict.column("user_id").doNothing())
    .execute();
  return (await db.first(handle, { userId }))?.handle ?? fresh;
}

/** The account's handle, or null where no passkey was ever begun. */
export async function knownHandle(db: Db, userId: number): Promise<string | null> {
  return (await db.first(handle, { userId }))?.handle ?? null;
}

const ofUser = statement("passkeys.byUser", (db, values: { userId: number }) =>
  db
    .selectFrom("passkeys")
    .selectAll()
    .where("user_id", "=", values.userId)
    .orderBy("created_at")
    .orderBy("id"),
);

/** Oldest first. */
export function passkeysOf(db: Db, userId: number): Promise<PasskeyRow[]> {
  return db.all(ofUser, { userId });
}

const any = statement("passkeys.any", (db, values: { userId: number }) =>
  db.selectFrom("passkeys").select("id").where("user_id", "=", values.userId).limit(1),
);

export async function hasPasskey(db: Db, userId: number): Promise<boolean> {
  return (await db.first(any, { userId })) !== null;
}

const byCredential = statement("passkeys.byCredential", (db, values: { credentialId: string }) =>
  db
    .selectFrom("passkeys")
    .innerJoin("passkey_handles", "passkey_handles.user_id", "passkeys.user_id")
    .selectAll("passkeys")
    .select("passkey_handles.handle")
    .where("credential_id", "=", values.credentialId),
);

export function findPasskey(db: Db, credentialId: string): Promise<(PasskeyRow & { handle: string }) | null> {
  return db.first(byCredential, { credentialId });
}

const anyAtAll = statement("passkeys.anyAtAll", (db) => db.selectFrom("passkeys").select("id").limit(1));

/** Whether anybody has one. */
export async function anyPasskey(db: Db): Promise<boolean> {
  return (await db.first(anyAtAll, {})) !== null;
}

/** False where that credential is somebody's already. */
export async function insertPasskey(transaction: Db, row: PasskeyRow): Promise<boolean> {
  const inserted = await transaction.kysely
    .insertInto("passkeys")
    .values(row)
    .onConflict((conflict) => conflict.column("credential_id").doNothing())
    .returning("id")
    .execute();
  return inserted.length === 1;
}

/** False where the account has none by that id. */
export async function renamePasskey(db: Db, userId: number, id: string, name: string): Promise<boolean> {
  const renamed = await db.kysely
    .updateTable("passkeys")
    .set({ name })
    .where("user_id", "=", userId)
    .where("id", "=", id)
    .returning("id")
    .execute();
  return renamed.length === 1;
}

/** False where the account has none by that id. */
export async function deletePasskey(transaction: Db, userId: number, id: string): Promise<boolean> {
  const deleted = await transaction.kysely
    .deleteFrom("passkeys")
    .where("user_id", "=", userId)
    .where("id", "=", id)
    .returning("id")
    .execute();
  return deleted.length === 1;
}

/** All of an account that were added at `from` (epoch milliseconds) or later; how many there were. */
export async function deletePasskeys(transaction: Db, userId: number, from = 0): Promise<number> {
  const deleted = await transaction.kysely
    .deleteFrom("passkeys")
    .where("user_id", "=", userId)
    .where("created_at", ">=", from)
    .returning("id")
    .execute();
  return deleted.length;
}

interface Use {
  readonly id: string;
  readonly counter: number;
  readonly deviceType: PasskeyRow["device_type"];
  readonly backedUp: Flag;
  readonly now: number;
}

const use = statement("passkeys.use", (db, values: Use) =>
  db
    .updateTable("passkeys")
    .set({
      counter: values.counter,
      device_type: values.deviceType,
      backed_up: values.backedUp,
      last_used_at: values.now,
    })
    .where("id", "=", values.id)
    .where((row) =>
      row.or([
        row("counter", "<", values.counter),
        // Those that count nothing say 0 each time.
        row(sql<number>`counter + cast(${values.counter} as bigint)`, "=", 0),
      ]),
    )
    .returning("id"),
);

/** Notes a use. False where the counter is not above the last one: then there are two of a device that can't be copied. */
export async function usePasskey(db: Db, values: Use): Promise<boolean> {
  return (await db.first(use, values)) !== null;
}
