import { sql } from "kysely";
import { randomToken } from "../../kernel/ids.ts";
import type { Db } from "./database.ts";

/**
 * Tries what an upgrade needs: a table made, altered and written, all undone. A role that may read and write but has no
 * CREATE on its schema serves until the next version comes.
 */
export async function tryDatabase(db: Db): Promise<void> {
  const undone = new Error("undone on purpose");
  const table = sql.table(`trial_${randomToken(9)}`);
  await db
    .transaction(async ({ kysely }) => {
      await sql`create table ${table} (id integer primary key)`.execute(kysely);
      await sql`alter table ${table} add column note text`.execute(kysely);
      await sql`insert into ${table} (id, note) values (${1}, ${"tried"})`.execute(kysely);
      throw undone;
    })
    .catch((error: unknown) => {
      if (error !== undone) throw error;
    });
}
