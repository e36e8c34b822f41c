import { type Kysely, sql } from "kysely";

/** A program from before it writes no time of asking; what reads it takes the earliest that it can have been. */
export const oldestProgram = 1;

/**
 * When a deletion was asked for: the fifteen working days of all holds are counted from it, whatever becomes of the time at which the
 * account is due. Of what is under way the audit log has it; else it is the longest grace, fifteen days, before that. No hold of
 * before ends later than fifteen working days from then have ever been: twenty-one days.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable("users").addColumn("deletion_asked_at", "bigint").execute();
  await sql`
    update users set deletion_asked_at = coalesce(
      (select min(asked.at) from audit_entries asked
        where asked.target_id = users.id and asked.target_kind = 'user' and asked.action = 'user.deletion-asked'
          and asked.id > coalesce(
            (select max(ended.id) from audit_entries ended
              where ended.target_id = users.id and ended.target_kind = 'user'
                and ended.action = 'user.deletion-cancelled'), 0)),
      deletion_due_at - 1296000000)
    where deletion_due_at is not null`.execute(db);
  await sql`
    update deletion_holds set held_until = (select users.deletion_asked_at + 1814400000 from users
      where users.id = deletion_holds.user_id)
    where held_until > (select users.deletion_asked_at + 1814400000 from users
      where users.id = deletion_holds.user_id)`.execute(db);
}
