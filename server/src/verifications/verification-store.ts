import { type Db, statement } from "../database/database.ts";

const insertStatement = statement("used_codes.insert", (db, values: { codeId: string; expiresAt: number }) =>
  db
    .insertInto("used_codes")
    .values({ code_id: values.codeId, expires_at: values.expiresAt })
    .onConflict((conflict) => conflict.doNothing())
    .returning("code_id"),
);

/** Marks a code as used; false when it was already. */
export async function insertUsedCode(db: Db, codeId: string, expiresAt: number): Promise<boolean> {
  return (await db.first(insertStatement, { codeId, expiresAt })) !== null;
}
