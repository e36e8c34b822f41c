import { sql } from "kysely";
import type { Db } from "../engines/database/database.ts";
import { nameKey } from "../kernel/name-key.ts";
import { pagesAlong } from "./along-keys.ts";

/** Longer than the transaction that makes one, and what clocks of processes differ by. */
const besideMillis = 60_000;

/**
 * Removes invitations to an address of an account that was erased at that time (epoch milliseconds) which its erasure did not see: one that
 * was just being made, and on SQLite one with capitals beyond ASCII, which its `lower` doesn't fold. What somebody makes later stays: they
 * invite who is gone. `isTheirs`: of a key (kernel/name-key.ts).
 */
export async function forgetInvitations(
  db: Db,
  erasedAt: number,
  isTheirs: (nameKey: string) => boolean,
): Promise<void> {
  for await (const page of pagesAlong(db, { table: "invitations", key: "id" })) {
    const rows = await db.kysely
      .selectFrom("invitations")
      .select(["id", "email"])
      .where(sql<boolean>`${page}`)
      .where("email", "is not", null)
      .where("created_at", "<=", erasedAt + besideMillis)
      .execute();
    const found = rows.filter(({ email }) => isTheirs(nameKey(email ?? ""))).map(({ id }) => id);
    if (found.length > 0) await db.kysely.deleteFrom("invitations").where("id", "in", found).execute();
  }
}
