import { sql } from "kysely";
import { type Db, statement } from "../engines/database/database.ts";
import type { Invitation } from "./invitation.ts";

/** The table `invitations`. It has a digest of what a link holds, never that itself. */
const shown = [
  ...(["id", "email", "group_id", "maker_id", "max_uses", "uses", "created_at", "expires_at"] as const),
];

const byMac = statement("invitations.byMac", (db, values: { mac: string }) =>
  db.selectFrom("invitations").select(shown).where("token_mac", "=", values.mac),
);

/** By what its link may be digested to. */
export async function findInvitation(db: Db, macs: readonly string[]): Promise<Invitation | null> {
  const found = await Promise.all(macs.map((mac) => db.first(byMac, { mac })));
  return found.find((row) => row !== null) ?? null;
}

const use = statement("invitations.use", (db, values: { id: number; now: number }) =>
  db
    .updateTable("invitations")
    .set({ uses: sql<number>`uses + 1` })
    .where("id", "=", values.id)
    .where("expires_at", ">", values.now)
    .where(sql<boolean>`uses < max_uses`)
    .returning("id"),
);

/** Counts one use; false where there is none left. One statement decides, so of several at once no more than may. */
export async function useInvitation(transaction: Db, id: number, now: number): Promise<boolean> {
  return (await transaction.first(use, { id, now })) !== null;
}

export interface NewInvitation extends Omit<Invitation, "id" | "uses"> {
  readonly token_mac: string;
}

export async function insertInvitation(transaction: Db, row: NewInvitation): Promise<number> {
  const { id } = await transaction.kysely
    .insertInto("invitations")
    .values(row)
    .returning("id")
    .executeTakeFirstOrThrow();
  return id;
}

/** How many of a maker's can still be used. */
export async function countLiving(transaction: Db, makerId: number, now: number): Promise<number> {
  const { count } = await transaction.kysely
    .selectFrom("invitations")
    .select((row) => row.fn.countAll<number>().as("count"))
    .where("maker_id", "=", makerId)
    .where("expires_at", ">", now)
    .where(sql<boolean>`uses < max_uses`)
    .executeTakeFirstOrThrow();
  return Number(count);
}

/** Newest first, older than `before`. */
export function listInvitations(
  db: Db,
  { limit, before }: { readonly limit: number; readonly before?: number | undefined },
): Promise<Invitation[]> {
  const query = db.kysely.selectFrom("invitations").select(shown).orderBy("id", "desc").limit(limit);
  return (before === undefined ? query : query.where("id", "<", before)).execute();
}

/** Removes one and returns it; null where there is none. */
export async function deleteInvitation(transaction: Db, id: number): Promise<Invitation | null> {
  const row = await transaction.kysely
    .deleteFrom("invitations")
    .where("id", "=", id)
    .returning(shown)
    .executeTakeFirst();
  return row ?? null;
}

const purge = statement("invitations.purge", (db, values: { before: number; limit: number }) =>
  db
    .deleteFrom("invitations")
    .where("id", "in", (old) =>
      old.selectFrom("invitations").select("id").where("expires_at", "<=", values.before).limit(values.limit),
    )
    .returning("id"),
);

/** Removes up to `limit` that ended before then. Returns how many. */
export async function purgeInvitations(db: Db, before: number, limit: number): Promise<number> {
  return (await db.all(purge, { before, limit })).length;
}
