import { type Db, statement } from "../engines/database/database.ts";

/** The table `extra_fields`: one JSON object a person. */
const byUser = statement("extra_fields.byUser", (db, values: { userId: number }) =>
  db.selectFrom("extra_fields").select("fields").where("user_id", "=", values.userId),
);

export async function findExtraFields(db: Db, userId: number): Promise<Record<string, unknown>> {
  const row = await db.first(byUser, { userId });
  return row === null ? {} : (JSON.parse(row.fields) as Record<string, unknown>);
}

/** Replaces them all. The caller has the account under lock. */
export async function storeExtraFields(
  transaction: Db,
  userId: number,
  fields: Readonly<Record<string, unknown>>,
  now: number,
): Promise<void> {
  const row = { fields: JSON.stringify(fields), updated_at: now };
  await transaction.kysely
    .insertInto("extra_fields")
    .values({ user_id: userId, ...row })
    .onConflict((conflict) => conflict.column("user_id").doUpdateSet(row))
    .execute();
}
