import { sql } from "kysely";
import type { Db } from "../engines/database/database.ts";
import { clockSkewMillis } from "../kernel/clock.ts";
import { nameKey } from "../kernel/name-key.ts";
import { pagesAlong } from "./along-keys.ts";

/** Longer than the transaction that makes one. */
const besideMillis = 60_000;

/** Any other was found by its column; a digest for each that there is would take a second for a hundred thousand. */
const isForeign = ({ engine }: Db) =>
  engine === "sqlite" ? sql<boolean>`email glob '*[^ -~]*'` : sql<boolean>`email ~ '[^ -~]'`;

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
      .where((row) => row.or([row("created_at", ">=", erasedAt - clockSkewMillis), isForeign(db)]))
      .execute();
    const found = rows.filter(({ email }) => isTheirs(nameKey(email ?? ""))).map(({ id }) => id);
    if (found.length > 0) await db.kysely.deleteFrom("invitations").where("id", "in", found).execute();
  }
}
