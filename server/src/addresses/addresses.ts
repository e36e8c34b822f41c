import type { Users } from "../accounts/users.ts";
import type { Db } from "../engines/database/database.ts";
import { AppError, invalidFields } from "../errors/errors.ts";
import type { Clock } from "../kernel/clock.ts";
import { limits } from "../kernel/limits.ts";
import {
  type AddressFields,
  type AddressRow,
  changeAddress,
  clearDefault,
  insertAddress,
  listAddresses,
  purgeAddresses,
} from "./address-store.ts";
import { areNested, openAreas } from "./areas.ts";

/**
 * Delivery addresses of accounts. Promises: an owner sees and changes their own alone; nobody has more than twenty, nor two that
 * are the default, however many requests come at once (guard: classic-addresses.race.test.ts). A deleted one is nobody's to see,
 * and is removed for good after thirty days. Personal data: app/personal-data.ts.
 */
export const addressLimit = limits.addresses.most;
const keepDeletedMillis = 30 * 86_400_000;

/** As the pages read it. */
export interface ShownAddress extends AddressFields {
  readonly id: number;
  readonly province: string;
  readonly city: string;
  readonly district: string;
}

export type Addresses = ReturnType<typeof createAddresses>;

export function createAddresses({
  db,
  clock,
  users,
}: {
  readonly db: Db;
  readonly clock: Clock;
  readonly users: Pick<Users, "lock">;
}) {
  /** Changes of one account's addresses come one after another. Error: `token_unknown_user`. */
  const inTurn = <Result>(userId: number, work: (transaction: Db) => Promise<Result>): Promise<Result> =>
    db.transaction(async (transaction) => {
      if ((await users.lock(transaction, userId)) === null) throw new AppError("token_unknown_user");
      return work(transaction);
    });

  async function shown({ is_default: _default, ...row }: AddressRow): Promise<ShownAddress> {
    const areas = await openAreas();
    // A later edition of the data may have lost one: its number stays.
    const nameOf = (id: number) => areas.find(id)?.name ?? "";
    const names = { province: nameOf(row.province_id), city: nameOf(row.city_id) };
    return { ...row, ...names, district: nameOf(row.district_id) };
  }

  /** Error: `invalid_fields` for the first of the three that is none, or not within the one before. */
  async function expectAreas({ province_id, city_id, district_id }: AddressFields): Promise<void> {
    const areas = await openAreas();
    const unknown = Object.entries({ province_id, city_id, district_id }).find(
      ([, id]) => areas.find(id) === null,
    );
    if (unknown !== undefined) throw invalidFields({ field: unknown[0], code: "unknown_area" });
    if (!areNested(province_id, city_id, district_id))
      throw invalidFields({ field: "district_id", code: "unknown_area" });
  }

  function found(row: AddressRow | null): AddressRow {
    if (row === null) throw new AppError("not_found");
    return row;
  }

  return {
    async list(userId: number): Promise<{ addresses: ShownAddress[]; defaultId: number | null }> {
      const rows = await listAddresses(db, userId, addressLimit);
      const defaultId = rows.find(({ is_default }) => is_default === 1)?.id ?? null;
      return { addresses: await Promise.all(rows.map(shown)), defaultId };
    },

    /** Errors: `invalid_fields`, `too_many_addresses`. */
    async add(userId: number, fields: AddressFields): Promise<ShownAddress> {
      await expectAreas(fields);
      const row = await inTurn(userId, async (transaction) => {
        const there = await listAddresses(transaction, userId, addressLimit);
        if (there.length >= addressLimit)
          throw new AppError("too_many_addresses", { parameters: { limit: addressLimit } });
        return insertAddress(transaction, userId, fields, clock.now());
      });
      return shown(row);
    },

    /** Errors: `invalid_fields`, `not_found`. */
    async change(userId: number, id: number, fields: AddressFields): Promise<ShownAddress> {
      await expectAreas(fields);
      const change = { ...fields, updated_at: clock.now() };
      return shown(found(await changeAddress(db, { id, userId }, change)));
    },

    /** Error: `not_found`. */
    async rename(userId: number, id: number, title: string): Promise<void> {
      found(await changeAddress(db, { id, userId }, { title, updated_at: clock.now() }));
    },

    /** Error: `not_found`. */
    makeDefault: (userId: number, id: number): Promise<void> =>
      inTurn(userId, async (transaction) => {
        await clearDefault(transaction, userId);
        found(await changeAddress(transaction, { id, userId }, { is_default: 1 }));
      }),

    /** Error: `not_found`. */
    async remove(userId: number, id: number): Promise<void> {
      const change = { deleted_at: clock.now(), is_default: 0 } as const;
      found(await changeAddress(db, { id, userId }, change));
    },

    purge: (limit: number): Promise<number> => purgeAddresses(db, clock.now() - keepDeletedMillis, limit),
  };
}
