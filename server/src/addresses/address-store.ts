import type { Generated } from "kysely";
import { type Db, statement } from "../engines/database/database.ts";
import type { Flag } from "../engines/database/flag.ts";

/** What somebody writes into an address. */
export interface AddressFields {
  readonly title: string;
  readonly receiver: string;
  readonly province_id: number;
  readonly city_id: number;
  readonly district_id: number;
  readonly place: string;
  readonly mobile: string;
  readonly tel: string;
  readonly email: string;
}

export interface AddressRow extends AddressFields {
  readonly id: number;
  readonly is_default: Flag;
}

declare module "../engines/database/tables.ts" {
  interface Tables {
    delivery_addresses: {
      -readonly [Name in keyof AddressFields]: AddressFields[Name];
    } & {
      id: Generated<number>;
      user_id: number;
      is_default: Generated<Flag>;
      created_at: number;
      updated_at: number;
      deleted_at: number | null;
    };
  }
}

const shown = [
  ...(["id", "title", "receiver", "province_id", "city_id", "district_id", "place"] as const),
  ...(["mobile", "tel", "email", "is_default"] as const),
];

const list = statement("delivery_addresses.list", (db, values: { userId: number; limit: number }) =>
  db
    .selectFrom("delivery_addresses")
    .select(shown)
    .where("user_id", "=", values.userId)
    .where("deleted_at", "is", null)
    .orderBy("updated_at", "desc")
    .orderBy("id", "desc")
    .limit(values.limit),
);

/** Those that are there, the one that was changed last first. */
export const listAddresses = (db: Db, userId: number, limit: number): Promise<AddressRow[]> =>
  db.all(list, { userId, limit });

export async function insertAddress(
  transaction: Db,
  userId: number,
  fields: AddressFields,
  now: number,
): Promise<AddressRow> {
  return transaction.kysely
    .insertInto("delivery_addresses")
    .values({ ...fields, user_id: userId, created_at: now, updated_at: now, deleted_at: null })
    .returning(shown)
    .executeTakeFirstOrThrow();
}

/** Null for one that is not there, or is another account's. */
export async function changeAddress(
  transaction: Db,
  { id, userId }: { readonly id: number; readonly userId: number },
  change: Partial<AddressFields> & {
    readonly is_default?: Flag;
    readonly updated_at?: number;
    readonly deleted_at?: number;
  },
): Promise<AddressRow | null> {
  const row = await transaction.kysely
    .updateTable("delivery_addresses")
    .set(change)
    .where("id", "=", id)
    .where("user_id", "=", userId)
    .where("deleted_at", "is", null)
    .returning(shown)
    .executeTakeFirst();
  return row ?? null;
}

export async function clearDefault(transaction: Db, userId: number): Promise<void> {
  await transaction.kysely
    .updateTable("delivery_addresses")
    .set({ is_default: 0 })
    .where("user_id", "=", userId)
    .where("is_default", "=", 1)
    .execute();
}

/** Makes these addresses another account's; the caller has locked both. */
export async function giveAddresses(
  transaction: Db,
  ids: readonly number[],
  { to, keepsDefault }: { readonly to: number; readonly keepsDefault: boolean },
): Promise<void> {
  await transaction.kysely
    .updateTable("delivery_addresses")
    .set({ user_id: to, ...(keepsDefault ? {} : { is_default: 0 as const }) })
    .where("id", "in", [...ids])
    .execute();
}

const purge = statement("delivery_addresses.purge", (db, values: { before: number; limit: number }) =>
  db
    .deleteFrom("delivery_addresses")
    .where("id", "in", (old) =>
      old
        .selectFrom("delivery_addresses")
        .select("id")
        .where("deleted_at", "<=", values.before)
        .limit(values.limit),
    )
    .returning("id"),
);

/** Removes up to `limit` that were deleted until `before`, epoch milliseconds; returns how many. */
export async function purgeAddresses(db: Db, before: number, limit: number): Promise<number> {
  return (await db.all(purge, { before, limit })).length;
}
