import { type Db, statement } from "../engines/database/database.ts";

interface Account {
  readonly userId: number;
  readonly version: number;
}

const find = statement(
  "known_devices.find",
  (db, values: Account & { first: string; second: string; since: number }) =>
    db
      .selectFrom("known_devices")
      .select(["device_key", "last_seen_at"])
      .where("user_id", "=", values.userId)
      .where("device_key", "in", [values.first, values.second])
      .where("credentials_version", "=", values.version)
      .where("last_seen_at", ">", values.since),
);

/** Those of two devices that were seen after `since` under the account's credentials version. */
export function findDevices(
  db: Db,
  values: Account & { first: string; second: string; since: number },
): Promise<{ device_key: string; last_seen_at: number }[]> {
  return db.all(find, values);
}

/** Every device that the account knows under its present credentials. */
export async function listDeviceKeys(
  db: Db,
  account: { readonly id: number; readonly credentials_version: number },
): Promise<string[]> {
  const rows = await db.kysely
    .selectFrom("known_devices")
    .select("device_key")
    .where("user_id", "=", account.id)
    .where("credentials_version", "=", account.credentials_version)
    .execute();
  return rows.map((row) => row.device_key);
}

const lock = statement("known_devices.lock", (db, values: { userId: number }, engine) => {
  const query = db.selectFrom("users").select(["id", "credentials_version"]).where("id", "=", values.userId);
  return engine === "postgres" ? query.forNoKeyUpdate() : query;
});

const put = statement("known_devices.put", (db, values: Account & { deviceKey: string; now: number }) =>
  db
    .insertInto("known_devices")
    .values({
      user_id: values.userId,
      device_key: values.deviceKey,
      credentials_version: values.version,
      first_seen_at: values.now,
      last_seen_at: values.now,
    })
    .onConflict((conflict) =>
      conflict.columns(["user_id", "device_key"]).doUpdateSet({
        credentials_version: (row) => row.ref("excluded.credentials_version"),
        last_seen_at: (row) => row.ref("excluded.last_seen_at"),
      }),
    )
    .returning("device_key"),
);

const prune = statement("known_devices.prune", (db, values: Account & { most: number }) =>
  db
    .deleteFrom("known_devices")
    .where("user_id", "=", values.userId)
    .where((or) =>
      or.or([
        or("credentials_version", "<>", values.version),
        or("device_key", "not in", (kept) =>
          kept
            .selectFrom("known_devices")
            .select("device_key")
            .where("user_id", "=", values.userId)
            .where("credentials_version", "=", values.version)
            .orderBy("last_seen_at", "desc")
            .orderBy("device_key")
            .limit(values.most),
        ),
      ]),
    )
    .returning("device_key"),
);

/**
 * Notes the devices as seen now, and drops those of earlier credentials and what is more than `most`, the longest
 * unseen first. The account's row is locked, so that of many at once none counts without the others (guard:
 * known-devices.race.test.ts). Does nothing for an account that is gone or has other credentials by now.
 */
export function putDevices(
  db: Db,
  account: Account,
  deviceKeys: readonly string[],
  { now, most }: { now: number; most: number },
): Promise<void> {
  return db.transaction(async (transaction) => {
    // A log-in that was checked before the credentials changed notes nothing. Versions are random: equal or not.
    const present = await transaction.first(lock, account);
    if (present?.credentials_version !== account.version) return;
    for (const deviceKey of deviceKeys) await transaction.first(put, { ...account, deviceKey, now });
    await transaction.all(prune, { ...account, most });
  });
}

const purge = statement("known_devices.purge", (db, values: { before: number; limit: number }) =>
  db
    .deleteFrom("known_devices")
    .where((row) =>
      row(row.refTuple("user_id", "device_key"), "in", (old) =>
        old
          .selectFrom("known_devices")
          .select(["user_id", "device_key"])
          .where("last_seen_at", "<=", values.before)
          .limit(values.limit)
          .$asTuple("user_id", "device_key"),
      ),
    )
    .returning("device_key"),
);

/** Removes up to `limit` devices last seen before that. */
export async function purgeDevices(db: Db, before: number, limit: number): Promise<number> {
  return (await db.all(purge, { before, limit })).length;
}
