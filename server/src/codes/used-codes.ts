import { type Db, statement } from "../engines/database/database.ts";
import type { Clock } from "../kernel/clock.ts";

const insertStatement = statement("used_codes.insert", (db, values: { codeId: string; expiresAt: number }) =>
  db
    .insertInto("used_codes")
    .values({ code_id: values.codeId, expires_at: values.expiresAt })
    .onConflict((conflict) => conflict.doNothing())
    .returning("code_id"),
);

/** Marks a code, or whatever else works once, as used; false when it was already. */
export async function insertUsedCode(db: Db, codeId: string, expiresAt: number): Promise<boolean> {
  return (await db.first(insertStatement, { codeId, expiresAt })) !== null;
}

const find = statement("used_codes.find", (db, values: { codeId: string }) =>
  db.selectFrom("used_codes").select("code_id").where("code_id", "=", values.codeId),
);

/** Whether what the code authorises has happened. */
export async function isCodeUsed(db: Db, codeId: string): Promise<boolean> {
  return (await db.first(find, { codeId })) !== null;
}

const purge = statement("used_codes.purge", (db, values: { now: number; limit: number }) =>
  db
    .deleteFrom("used_codes")
    .where("code_id", "in", (expired) =>
      expired
        .selectFrom("used_codes")
        .select("code_id")
        .where("expires_at", "<=", values.now)
        .limit(values.limit),
    )
    .returning("code_id"),
);

/** Removes up to `limit` ids of codes that have expired, so nobody can use them again anyway. */
export async function purgeUsedCodes(db: Db, clock: Clock, limit: number): Promise<number> {
  return (await db.all(purge, { now: clock.now(), limit })).length;
}
