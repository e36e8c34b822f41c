import type { BindingTable } from "../sources/binding-tables.ts";
import type { DjangoReader, Row } from "../sources/django-reader.ts";
import { type DjangoTables, knownUserColumns, type LinkTable } from "../sources/django-tables.ts";

/** Reads the source page by page, by ascending user id, so that memory stays flat. */
export const pageSize = 1_000;

/** Pages of users, those with ids below 1 too; a page is never empty. */
export async function* userPages(reader: DjangoReader, tables: DjangoTables): AsyncGenerator<Row[]> {
  const wanted = new Set([...knownUserColumns, ...tables.fieldColumns.values()]);
  const columns = [...wanted].filter((column) => tables.userColumns.has(column));
  const list = columns.map((column) => reader.quote(column)).join(", ");
  yield* pagesById(reader, `select ${list} from ${reader.quote(tables.users)}`);
}

/** Without a lower bound at first: there is no number below every column's range that every engine accepts. */
async function* pagesById(reader: DjangoReader, query: string): AsyncGenerator<Row[]> {
  let page = await reader.all(`${query} order by id limit ${pageSize}`);
  while (page.length > 0) {
    yield page;
    const last = Number(page.at(-1)!.id);
    page = await reader.all(`${query} where id > ? order by id limit ${pageSize}`, [last]);
  }
}

export async function countRows(reader: DjangoReader, table: string): Promise<number> {
  const [row] = await reader.all(`select count(*) as count from ${reader.quote(table)}`);
  return Number(row!.count);
}

/** Group or permission memberships of the users in [from, to]: pairs of user id and the other id. */
export async function linksOf(
  reader: DjangoReader,
  link: LinkTable | null,
  other: "group_id" | "permission_id",
  [from, to]: readonly [number, number],
): Promise<[number, number][]> {
  if (link === null) return [];
  const user = reader.quote(link.userColumn);
  const rows = await reader.all(
    `select ${user} as user_id, ${other} as other_id from ${reader.quote(link.table)}
       where ${user} between ? and ? order by ${user}, ${other}`,
    [from, to],
  );
  return rows.map((row) => [Number(row.user_id), Number(row.other_id)]);
}

/** Pages of a table's third-party bindings, in the order in which they were made. */
export function bindingPages(reader: DjangoReader, source: BindingTable): AsyncGenerator<Row[]> {
  return pagesById(reader, bindingQuery(reader, source));
}

/** Third-party bindings of the users in [from, to], oldest first. */
export async function bindingsOf(
  reader: DjangoReader,
  source: BindingTable,
  [from, to]: readonly [number, number],
): Promise<Row[]> {
  return reader.all(`${bindingQuery(reader, source)} where user_id between ? and ? order by id`, [from, to]);
}

function bindingQuery(
  reader: DjangoReader,
  { table, identity, providerColumn, madeAt }: BindingTable,
): string {
  const as = (column: string | null, name: string) =>
    `${column === null ? "null" : reader.quote(column)} as ${reader.quote(name)}`;
  const columns = [as(identity, "openid"), as(providerColumn, "provider"), as(madeAt, "create_time")];
  return `select id, user_id, ${columns.join(", ")} from ${reader.quote(table)}`;
}
