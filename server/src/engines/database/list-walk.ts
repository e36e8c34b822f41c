import type { SelectQueryBuilder } from "kysely";
import type { Tables } from "./tables.ts";

/**
 * A page of a list whose filter no index answers walks along one and asks each row: as far as this, found or not, and the next
 * page goes on from there. Accident: on SQLite a query holds everybody up, and a filter that no row fits read a whole table.
 */
const longestWalk = 2_000;

/** The last id that a page looks at, of the ids in the order of the list; null where it reaches the end. */
export async function endOfWalk<Table extends keyof Tables>(
  ids: SelectQueryBuilder<Tables, Table, { id: number }>,
): Promise<number | null> {
  const row = await ids
    .offset(longestWalk - 1)
    .limit(1)
    .executeTakeFirst();
  return row?.id ?? null;
}
