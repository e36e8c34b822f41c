import { type RawBuilder, sql } from "kysely";
import type { Db } from "../engines/database/database.ts";
import { nextTurn } from "../kernel/next-turn.ts";

/** A table that is gone through, and the column that it is walked along. */
interface Walked {
  readonly table: string;
  readonly key: string;
}

type Key = string | number;

/** Rows that one query looks at, and how long queries may follow one another in one turn of the event loop. */
const pageSize = 500;
const turnMillis = 5;

/** Gives the turn of the event loop away where it has been kept for long enough. */
export function createTurns(): () => Promise<void> {
  let began = performance.now();
  return async () => {
    if (performance.now() - began < turnMillis) return;
    await nextTurn();
    began = performance.now();
  };
}

/** Conditions that have one page of the table each, in the order of its keys; others have their turns in between. */
export async function* pagesAlong(db: Db, { table, key }: Walked): AsyncGenerator<RawBuilder<unknown>> {
  const turn = createTurns();
  for (let after: Key | null = null; ; ) {
    const behind: RawBuilder<unknown> = after === null ? sql`true` : sql`${sql.ref(key)} > ${after}`;
    const last: Key | null = await endOfPage(db, { table, key }, behind);
    if (last === null) return;
    yield sql`${behind} and ${sql.ref(key)} <= ${last}`;
    after = last;
    await turn();
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
