import { type Db, statement } from "../engines/database/database.ts";

/** The table `remembered_devices`. */
export interface StoredRememberedDevice {
  readonly id: string;
  readonly user_id: number;
  /** SHA-256 of the cookie's secret. */
  readonly secret_hash: string;
  /** Remembered only while the account has this one. */
  readonly credentials_version: number;
  /** `Chrome/Windows` */
  readonly browser: string;
  /** Without its last part. */
  readonly network: string;
  readonly created_at: number;
  readonly last_used_at: number;
}

declare module "../engines/database/tables.ts" {
  interface Tables {
    remembered_devices: {
      -readonly [Name in keyof StoredRememberedDevice]: StoredRememberedDevice[Name];
    };
  }
}

interface Account {
  readonly userId: number;
  readonly version: number;
}

/** In the statement that says whether it counts: of an end and a use at once one comes first. */
const use = statement(
  "remembered_devices.use",
  (db, values: Account & { hash: string; since: number; now: number }) =>
    db
      .updateTable("remembered_devices")
      .set({ last_used_at: values.now })
      .where("user_id", "=", values.userId)
      .where("secret_hash", "=", values.hash)
      .where("credentials_version", "=", values.version)
      .where("created_at", ">", values.since)
      .returning("id"),
);

/** Notes that it is in use; false where it is none of the account's, or its time is over. */
export async function useRememberedDevice(
  db: Db,
  values: Account & { hash: string; since: number; now: number },
): Promise<boolean> {
  return (await db.first(use, values)) !== null;
}

const list = statement("remembered_devices.list", (db, values: Account & { since: number }) =>
  db
    .selectFrom("remembered_devices")
    .selectAll()
    .where("user_id", "=", values.userId)
    .where("credentials_version", "=", values.version)
    .where("created_at", ">", values.since)
    .orderBy("last_used_at", "desc")
    .orderBy("id"),
);

export function listRememberedDevices(
  db: Db,
  values: Account & { since: number },
): Promise<StoredRememberedDevice[]> {
  return db.all(list, values);
}

const lock = statement("remembered_devices.lock", (db, values: { userId: number }, engine) => {
  const query = db
    .selectFrom("users")
    .select(["credentials_version", "second_factor_at"])
    .where("id", "=", values.userId);
  return engine === "postgres" ? query.forNoKeyUpdate() : query;
});

/**
 * The account's row under lock: false where it has other credentials, or another second factor, than were proved. What is
 * written after an end would outlive it otherwise.
 */
export async function lockUnchangedAccount(
  transaction: Db,
  account: {
    readonly id: number;
    readonly credentials_version: number;
    readonly second_factor_at: number | null;
  },
): Promise<boolean> {
  const present = await transaction.first(lock, { userId: account.id });
  return (
    present?.credentials_version === account.credentials_version &&
    present.second_factor_at === account.second_factor_at
  );
}

/** What an account has beyond `most`, the longest unused first; of earlier credentials; and under the hash. */
export async function makeRoom(
  transaction: Db,
  { userId, version, hash, most }: Account & { readonly hash: string | null; readonly most: number },
): Promise<void> {
  await transaction.kysely
    .deleteFrom("remembered_devices")
    .where("user_id", "=", userId)
    .where((row) =>
      row.or([
        row("credentials_version", "<>", version),
        ...(hash === null ? [] : [row("secret_hash", "=", hash)]),
        row("id", "not in", (kept) =>
          kept
            .selectFrom("remembered_devices")
            .select("id")
            .where("user_id", "=", userId)
            .where("credentials_version", "=", version)
            .orderBy("last_used_at", "desc")
            .orderBy("id")
            .limit(most),
        ),
      ]),
    )
    .execute();
}

export async function insertRememberedDevice(transaction: Db, row: StoredRememberedDevice): Promise<void> {
  await transaction.kysely.insertInto("remembered_devices").values(row).execute();
}

/** One browser has one cookie for all accounts: those that are remembered on it go over to the new one. */
export async function moveRememberedDevices(transaction: Db, from: string, to: string): Promise<void> {
  await transaction.kysely
    .updateTable("remembered_devices")
    .set({ secret_hash: to })
    .where("secret_hash", "=", from)
    .execute();
}

/** Of an account: one by its id, or all but the one of a hash. Returns how many. */
export async function deleteRememberedDevices(
  db: Db,
  userId: number,
  which: { readonly id?: string; readonly exceptHash?: string | null } = {},
): Promise<number> {
  let query = db.kysely.deleteFrom("remembered_devices").where("user_id", "=", userId);
  if (which.id !== undefined) query = query.where("id", "=", which.id);
  if (which.exceptHash != null) query = query.where("secret_hash", "<>", which.exceptHash);
  return Number((await query.executeTakeFirst()).numDeletedRows);
}

const purge = statement("remembered_devices.purge", (db, values: { before: number; limit: number }) =>
  db
    .deleteFrom("remembered_devices")
    .where("id", "in", (old) =>
      old
        .selectFrom("remembered_devices")
        .select("id")
        .where("created_at", "<=", values.before)
        .limit(values.limit),
    )
    .returning("id"),
);

/** Removes up to `limit` that were made before that; returns how many. */
export async function purgeRememberedDevices(db: Db, before: number, limit: number): Promise<number> {
  return (await db.all(purge, { before, limit })).length;
}
