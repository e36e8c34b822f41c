import { sql } from "kysely";
import type { VersionShift } from "../../accounts/credentials-version.ts";
import type { Db } from "../../engines/database/database.ts";

/**
 * Moves the versions in the records along with those of all accounts, in the transaction that ended every token: that
 * touched nobody in particular, and a later `--update` would leave every account as changed here. Who had another
 * version than the record before has another one afterwards (guard: import-update.test.ts).
 */
export async function moveRecordedVersions(transaction: Db, moved: VersionShift): Promise<void> {
  const { least, range, shift } = moved;
  const number = (value: number) => sql`cast(${value} as bigint)`;
  // What it was, from what it is; that and one range more are the numbers that lead there.
  const now = sql`cast(users.credentials_version as bigint)`;
  const was = sql`((${now} - ${number(least)} - ${number(shift % range)} + ${number(range)}) % ${number(range)})`;
  const fact = (version: typeof now) => sql`(' v:' || ${version} || ' ')`;
  // A record of an earlier version names none, and means 0.
  const facts = sql`case when facts like '% v:%' then facts || ' ' else facts || ${fact(number(0))} end`;
  const once = sql`replace(${facts}, ${fact(was)}, ${fact(now)})`;
  await sql`
    update django_imports set facts = (
      select rtrim(replace(${once}, ${fact(sql`(${was} + ${number(range)})`)}, ${fact(now)}))
      from users where users.id = django_imports.user_id
    ) where user_id in (select id from users)`.execute(transaction.kysely);
}
