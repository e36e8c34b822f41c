import { sql } from "kysely";
import { type Db, statement } from "../engines/database/database.ts";
import type { RecoveryCodesTable, TotpFactorsTable } from "../engines/database/tables.ts";

type Stored<Table> = { readonly [Name in keyof Table]: Table[Name] };
export type TotpRow = Omit<Stored<TotpFactorsTable>, "last_step">;
export type RecoveryRow = Omit<Stored<RecoveryCodesTable>, "used"> & { readonly used: number };

const totp = statement("totp_factors.byUser", (db, values: { userId: number }) =>
  db
    .selectFrom("totp_factors")
    .select(["user_id", "sealed", "confirmed_at", "created_at"])
    .where("user_id", "=", values.userId),
);

export function findTotp(db: Db, userId: number): Promise<TotpRow | null> {
  return db.first(totp, { userId });
}

/** In place of one that was begun and never confirmed; leaves a confirmed one. */
export async function beginTotp(db: Db, row: Omit<TotpRow, "confirmed_at">): Promise<void> {
  await db.kysely
    .insertInto("totp_factors")
    .values({ ...row, confirmed_at: null })
    .onConflict((conflict) =>
      conflict
        .column("user_id")
        .doUpdateSet({ sealed: row.sealed, created_at: row.created_at })
        .where("totp_factors.confirmed_at", "is", null),
    )
    .execute();
}

interface Step {
  readonly userId: number;
  readonly sealed: string;
  readonly step: number;
}

const takeStep = statement("totp_factors.take", (db, values: Step) =>
  db
    .updateTable("totp_factors")
    .set({ last_step: values.step })
    .where("user_id", "=", values.userId)
    .where("sealed", "=", values.sealed)
    .where("last_step", "<", values.step)
    .returning("user_id"),
);

/** Uses a code's time step up: of any number of callers with one code exactly one gets true. */
export async function takeTotpStep(db: Db, step: Step): Promise<boolean> {
  return (await db.first(takeStep, step)) !== null;
}

export async function confirmTotp(db: Db, userId: number, now: number): Promise<void> {
  await db.kysely
    .updateTable("totp_factors")
    .set({ confirmed_at: now })
    .where("user_id", "=", userId)
    .execute();
}

export async function deleteFactors(db: Db, userId: number): Promise<void> {
  await db.kysely.deleteFrom("totp_factors").where("user_id", "=", userId).execute();
  await db.kysely.deleteFrom("recovery_codes").where("user_id", "=", userId).execute();
}

/** An app that was confirmed at `from` or later. */
export async function deleteTotpSince(db: Db, userId: number, from: number): Promise<void> {
  await db.kysely
    .deleteFrom("totp_factors")
    .where("user_id", "=", userId)
    .where("confirmed_at", ">=", from)
    .execute();
}

interface Replacement extends Step {
  /** The secret it takes the place of. */
  readonly replaces: string;
  readonly now: number;
}

/**
 * Puts another secret in the place of the app's, with the step of its first code used up: of any number of callers exactly one
 * gets true, and from then on no code of the one before counts.
 */
export async function replaceTotp(
  transaction: Db,
  { userId, replaces, sealed, step, now }: Replacement,
): Promise<boolean> {
  const replaced = await transaction.kysely
    .updateTable("totp_factors")
    .set({ sealed, last_step: step, confirmed_at: now, created_at: now })
    .where("user_id", "=", userId)
    .where("sealed", "=", replaces)
    .where("confirmed_at", "is not", null)
    .returning("user_id")
    .execute();
  return replaced.length === 1;
}

/** Recovery codes that were made at `from` or later; those before them are over anyway. */
export async function deleteRecoverySince(db: Db, userId: number, from: number): Promise<void> {
  await db.kysely
    .deleteFrom("recovery_codes")
    .where("user_id", "=", userId)
    .where("created_at", ">=", from)
    .execute();
}

const recovery = statement("recovery_codes.byUser", (db, values: { userId: number }) =>
  db.selectFrom("recovery_codes").selectAll().where("user_id", "=", values.userId),
);

export function findRecovery(db: Db, userId: number): Promise<RecoveryRow | null> {
  return db.first(recovery, { userId });
}

/** A new seed: every code of the one before is over. */
export async function putRecovery(db: Db, row: Omit<RecoveryRow, "used">): Promise<void> {
  const { sealed, created_at } = row;
  await db.kysely
    .insertInto("recovery_codes")
    .values({ ...row, used: 0 })
    .onConflict((conflict) => conflict.column("user_id").doUpdateSet({ sealed, used: 0, created_at }))
    .execute();
}

interface Use {
  readonly userId: number;
  readonly sealed: string;
  /** With the code's bit alone. */
  readonly bit: number;
}

const useOne = statement("recovery_codes.use", (db, values: Use) =>
  db
    .updateTable("recovery_codes")
    .set({ used: sql<number>`used | cast(${values.bit} as integer)` })
    .where("user_id", "=", values.userId)
    .where("sealed", "=", values.sealed)
    .where(sql<number>`used & cast(${values.bit} as integer)`, "=", 0)
    .returning("used"),
);

/** Uses a code up; which are used then, or null where this one was already. */
export async function takeRecoveryCode(db: Db, use: Use): Promise<number | null> {
  return (await db.first(useOne, use))?.used ?? null;
}

export type FactorTable = "totp_factors" | "recovery_codes";

/** The next of a table by account, a thousand at a time. */
export function sealedAfter(
  db: Db,
  table: FactorTable,
  userId: number,
): Promise<{ user_id: number; sealed: string }[]> {
  return db.kysely
    .selectFrom(table)
    .select(["user_id", "sealed"])
    .where("user_id", ">", userId)
    .orderBy("user_id")
    .limit(1000)
    .execute();
}

interface Resealed {
  readonly user_id: number;
  /** As it was read. */
  readonly before: string;
  readonly sealed: string;
}

/** Keeps a secret under another encryption, unless another secret has taken its place since it was read. */
export async function writeSealedFactor(
  db: Db,
  table: FactorTable,
  { user_id, before, sealed }: Resealed,
): Promise<void> {
  await db.kysely
    .updateTable(table)
    .set({ sealed })
    .where("user_id", "=", user_id)
    .where("sealed", "=", before)
    .execute();
}
