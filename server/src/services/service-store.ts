import { sql } from "kysely";
import { type Db, statement } from "../engines/database/database.ts";

/** The tables `services` and `service_secrets`. The second has digests of what services show, never that itself. */
export interface ServiceRow {
  readonly id: number;
  readonly name: string;
  /** Separated by spaces, as `networks`. */
  readonly scopes: string;
  readonly networks: string;
  readonly created_at: number;
  readonly expires_at: number | null;
  readonly last_used_at: number | null;
}

interface SecretRow {
  readonly secret_mac: string;
  readonly created_at: number;
  readonly ends_at: number | null;
}

const columns = [
  ...(["id", "name", "scopes", "networks", "created_at", "expires_at", "last_used_at"] as const),
];

/** One indexed read, whether there is such a secret or not. */
const bySecret = statement("services.bySecret", (db, values: { mac: string; now: number }) =>
  db
    .selectFrom("service_secrets")
    .innerJoin("services", "services.id", "service_secrets.service_id")
    .select([
      ...(["services.id", "services.name", "services.scopes", "services.networks"] as const),
      ...(["services.created_at", "services.expires_at", "services.last_used_at"] as const),
    ])
    .where("service_secrets.secret_mac", "=", values.mac)
    .where((or) =>
      or.or([or("service_secrets.ends_at", "is", null), or("service_secrets.ends_at", ">", values.now)]),
    )
    .where((or) =>
      or.or([or("services.expires_at", "is", null), or("services.expires_at", ">", values.now)]),
    ),
);

export function findServiceBySecret(db: Db, mac: string, now: number): Promise<ServiceRow | null> {
  return db.first(bySecret, { mac, now });
}

const renew = statement("services.renewMac", (db, values: { from: string; to: string }) =>
  db
    .updateTable("service_secrets")
    .set({ secret_mac: values.to })
    .where("secret_mac", "=", values.from)
    .returning("service_id"),
);

/** Keeps a secret under another digest of itself. */
export async function renewMac(db: Db, values: { from: string; to: string }): Promise<void> {
  await db.first(renew, values);
}

const used = statement("services.used", (db, values: { id: number; now: number; before: number }) =>
  db
    .updateTable("services")
    .set({ last_used_at: values.now })
    .where("id", "=", values.id)
    .where((or) => or.or([or("last_used_at", "is", null), or("last_used_at", "<=", values.before)]))
    .returning("id"),
);

export async function writeUsed(db: Db, values: { id: number; now: number; before: number }): Promise<void> {
  await db.first(used, values);
}

/** Null where the name is taken. */
export async function insertService(
  transaction: Db,
  row: Omit<ServiceRow, "id" | "last_used_at">,
): Promise<number | null> {
  const made = await transaction.kysely
    .insertInto("services")
    .values(row)
    .onConflict((conflict) => conflict.column("name").doNothing())
    .returning("id")
    .executeTakeFirst();
  return made?.id ?? null;
}

/** Under lock until the transaction ends: of several who change one, each sees what the one before did. */
export async function lockService(transaction: Db, name: string): Promise<ServiceRow | null> {
  const row = await transaction.kysely
    .updateTable("services")
    .set({ name: sql<string>`name` })
    .where("name", "=", name)
    .returning(columns)
    .executeTakeFirst();
  return row ?? null;
}

/** By name, and at most 1000: an operator makes each by hand. */
export function listServices(db: Db): Promise<ServiceRow[]> {
  return db.kysely.selectFrom("services").select(columns).orderBy("name").limit(1000).execute();
}

/** Its secrets go with it. */
export async function deleteService(transaction: Db, id: number): Promise<void> {
  await transaction.kysely.deleteFrom("services").where("id", "=", id).execute();
}

export async function insertSecret(
  transaction: Db,
  row: { readonly secret_mac: string; readonly service_id: number; readonly created_at: number },
): Promise<void> {
  await transaction.kysely
    .insertInto("service_secrets")
    .values({ ...row, ends_at: null })
    .execute();
}

/** Those that can be shown now, the oldest first. */
export function livingSecrets(from: Db, serviceId: number, now: number): Promise<SecretRow[]> {
  return from.kysely
    .selectFrom("service_secrets")
    .select(["secret_mac", "created_at", "ends_at"])
    .where("service_id", "=", serviceId)
    .where((or) => or.or([or("ends_at", "is", null), or("ends_at", ">", now)]))
    .orderBy("created_at")
    .orderBy("secret_mac")
    .execute();
}

/** Gives every secret of the service this end; null: they are gone at once. */
export async function endSecrets(transaction: Db, serviceId: number, endsAt: number | null): Promise<void> {
  if (endsAt === null) {
    await transaction.kysely.deleteFrom("service_secrets").where("service_id", "=", serviceId).execute();
    return;
  }
  await transaction.kysely
    .updateTable("service_secrets")
    .set({ ends_at: endsAt })
    .where("service_id", "=", serviceId)
    .where("ends_at", "is", null)
    .execute();
}

const purgeOld = statement("services.purge", (db, values: { before: number; limit: number }) =>
  db
    .deleteFrom("services")
    .where("id", "in", (old) =>
      old.selectFrom("services").select("id").where("expires_at", "<=", values.before).limit(values.limit),
    )
    .returning("id"),
);

/** Removes up to `limit` that expired before then. Returns how many. */
export async function purgeServices(db: Db, before: number, limit: number): Promise<number> {
  return (await db.all(purgeOld, { before, limit })).length;
}

const purgeEnded = statement("serviceSecrets.purge", (db, values: { now: number; limit: number }) =>
  db
    .deleteFrom("service_secrets")
    .where("secret_mac", "in", (old) =>
      old
        .selectFrom("service_secrets")
        .select("secret_mac")
        .where("ends_at", "<=", values.now)
        .limit(values.limit),
    )
    .returning("secret_mac"),
);

/** Removes up to `limit` secrets that have ended. Returns how many. */
export async function purgeSecrets(db: Db, now: number, limit: number): Promise<number> {
  return (await db.all(purgeEnded, { now, limit })).length;
}
