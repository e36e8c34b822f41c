import { type Kysely, sql } from "kysely";

export const oldestProgram = 1;

/** The list of requests is read in this order; by the time alone, those of one millisecond were sorted anew for each page. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create index number_leaves_due_order_index on number_leaves (due_at, id) where ended_at is null`.execute(
    db,
  );
  await sql`drop index number_leaves_due_index`.execute(db);
}
