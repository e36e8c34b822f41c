import { type RawBuilder, sql } from "kysely";
import type { Db } from "../engines/database/database.ts";
import { createPauses } from "../kernel/next-turn.ts";

/** A table that is gone through, and the column that it is walked along. */
interface Walked {
  readonly table: string;
  readonly key: string;
}

type Key = string | number;

/** Rows that one query looks at. */
const pageSize = 500;

/** Conditions that have one page of the table each, in the order of its keys; others have their turns in between. */
export async function* pagesAlong(db: Db, { table, key }: Walked): AsyncGenerator<RawBuilder<unknown>> {
  const pause = createPauses();
  for (let after: Key | null = null; ; ) {
    const behind: RawBuilder<unknown> = after === null ? sql`true` : sql`${sql.ref(key)} > ${after}`;
    const last: Key | null = await endOfPage(db, { table, key }, behind);
    if (last === null) return;
    yield sql`${behind} and ${sql.ref(key)} <= ${last}`;
    after = last;
    await pause();
  }
}

/** The last key of the next page; null where there is none. */
async function endOfPage(
  { kysely }: Db,
  { table, key: name }: Walked,
  behind: RawBuilder<unknown>,
): Promise<Key | null> {
  const key = sql.ref(name);
  const { rows } = await sql<{ last: Key | null }>`select max(page.key) as last from (
    select ${key} as key from ${sql.table(table)} where ${behind} order by ${key} limit ${pageSize}
  ) as page`.execute(kysely);
  return rows[0]?.last ?? null;
}
