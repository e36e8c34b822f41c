import { AppError } from "../../errors/errors.ts";
import { randomToken } from "../../kernel/ids.ts";
import { type Db, statement } from "./database.ts";

const write = statement<{ id: string }, never>("probe.write", (db, { id }) =>
  db.insertInto("used_codes").values({ code_id: id, expires_at: 0 }),
);
const read = statement<{ id: string }, { code_id: string }>("probe.read", (db, { id }) =>
  db.selectFrom("used_codes").select("code_id").where("code_id", "=", id),
);

/**
 * Tries what requests need: a transaction with a write by a prepared statement, read back and undone. A database that is
 * read-only answers every `select 1`, while every sign-up is refused.
 */
export async function probeDatabase(db: Db): Promise<void> {
  const id = `probe-${randomToken()}`;
  const undone = new Error("undone on purpose");
  await db
    .transaction(async (transaction) => {
      await transaction.first(write, { id });
      const found = await transaction.first(read, { id });
      if (found === null) throw new AppError("unavailable", { retryAfterSeconds: 2 });
      throw undone;
    })
    .catch((error: unknown) => {
      if (error !== undone) throw error;
    });
}
