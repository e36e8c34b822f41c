import type { Db } from "../engines/database/database.ts";
import { mostRows, type Person, type Row } from "./personal-table.ts";

/**
 * What the audit log says about an account: what it did, and what others did to it. Promise: of others it tells no more than
 * that they were staff, and of what the person did to others no value of theirs.
 */
export async function auditRows(db: Db, { id }: Person): Promise<readonly Row[]> {
  const rows = await db.kysely
    .selectFrom("audit_entries")
    .selectAll()
    .where((where) =>
      where.or([
        where("actor_id", "=", id),
        where.and([where("target_kind", "=", "user"), where("target_id", "=", id)]),
      ]),
    )
    .orderBy("id", "desc")
    .limit(mostRows + 1)
    .execute();
  return rows.reverse().map((row) => {
    const isOwn = row.target_kind === "user" && row.target_id === id;
    return {
      ...row,
      actor: row.actor_id === id ? row.actor : "staff",
      ...(isOwn ? {} : { target: "", before: "{}", after: "{}" }),
    };
  });
}
