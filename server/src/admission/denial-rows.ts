import type { Db } from "../engines/database/database.ts";
import { dayMillis } from "../kernel/clock.ts";

/** The table `denials`: whom staff refuse. Times in epoch milliseconds. */
export const denialKinds = ["network", "email", "domain"] as const;
export type DenialKind = (typeof denialKinds)[number];

export interface Denial {
  readonly id: string;
  readonly kind: DenialKind;
  /**
   * A network in CIDR's notation, a domain in its canonical form; of an address the digest under a key of SECRET_KEY, because it is
   * refused for longer than whoever had it has an account.
   */
  readonly value: string;
  /** What people see of it: of an address its masked form. */
  readonly shown: string;
  readonly reason: string;
  /** Who refused it, as audit/lasting-name.ts keeps it. */
  readonly made_by: string;
  readonly created_at: number;
  /** Null for good; of an address never, but where a version before 0.7.0 wrote it. */
  readonly ends_at: number | null;
}

declare module "../engines/database/tables.ts" {
  interface Tables {
    denials: { -readonly [Name in keyof Denial]: Denial[Name] };
  }
}

/** Those that count now, the latest first. */
export function denialsAt(db: Db, now: number): Promise<Denial[]> {
  return db.kysely
    .selectFrom("denials")
    .selectAll()
    .where((eb) => eb.or([eb("ends_at", "is", null), eb("ends_at", ">", now)]))
    .orderBy("created_at", "desc")
    .orderBy("id")
    .execute();
}

/** In the place of one of the same kind and value. */
export async function keepDenial(transaction: Db, denial: Denial): Promise<void> {
  const { id: _, kind: __, value: ___, ...rest } = denial;
  await transaction.kysely
    .insertInto("denials")
    .values(denial)
    .onConflict((conflict) => conflict.columns(["kind", "value"]).doUpdateSet(rest))
    .execute();
}

/** What was removed; null where there is none. */
export async function removeDenial(transaction: Db, id: string): Promise<Denial | null> {
  const row = await transaction.kysely
    .deleteFrom("denials")
    .where("id", "=", id)
    .returningAll()
    .executeTakeFirst();
  return row ?? null;
}

/** An address is somebody's: it is refused no longer without being looked at again. */
export const addressDeniedMillis = 2 * 365 * dayMillis;

/** Removes up to `limit` whose time is over; returns how many. */
export async function purgeDenials(db: Db, now: number, limit: number): Promise<number> {
  const over = db.kysely
    .selectFrom("denials")
    .select("id")
    .where((row) =>
      row.or([
        row("ends_at", "<=", now),
        // Written by a program of before, beside this one.
        row.and([
          row("kind", "=", "email"),
          row("ends_at", "is", null),
          row("created_at", "<=", now - addressDeniedMillis),
        ]),
      ]),
    )
    .limit(limit);
  const gone = await db.kysely.deleteFrom("denials").where("id", "in", over).executeTakeFirst();
  return Number(gone.numDeletedRows);
}
