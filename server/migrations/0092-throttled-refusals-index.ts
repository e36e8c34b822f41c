import { type Kysely, sql } from "kysely";

export const oldestProgram = 1;

/** Who was refused for too many tries lately is looked for among all refusals of thirty days. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create index log_in_refusals_throttled_index on log_in_refusals (refused_at) where reason = 'throttled'`.execute(
    db,
  );
}
