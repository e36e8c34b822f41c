import type { Kysely } from "kysely";

/** A program from before it shows neither; an account that it binds gets them at the next log-in by the third party. */
export const oldestProgram = 1;

/** What an account is called: by its owner, and by the third party it was bound to first. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const columns = [
    ["nickname", "varchar(50)"],
    ["provider_nickname", "varchar(256)"],
    ["provider_avatar", "varchar(512)"],
  ] as const;
  for (const [name, type] of columns) await db.schema.alterTable("users").addColumn(name, type).execute();
}
