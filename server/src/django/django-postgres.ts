import pg from "pg";
import { type DjangoReader, type Row, SourceError } from "./django-reader.ts";

/** Reads a live Django site on PostgreSQL: `postgres://user:password@host:5432/database`. */
export async function openPostgresReader(url: string): Promise<DjangoReader> {
  const { host, pathname } = new URL(url);
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: 10_000,
    // Times stay text, in the session's zone, which is UTC; numbers and flags are converted by the rows.
    types: { getTypeParser: () => (text: unknown) => text } as never,
  });
  try {
    await client.connect();
    await client.query("set time zone 'UTC'");
    await client.query("begin isolation level repeatable read read only");
  } catch (error) {
    throw new SourceError(`PostgreSQL at ${host} can't be reached: ${(error as Error).message}`);
  }
  return {
    description: `PostgreSQL database ${pathname.slice(1)} at ${host}`,
    async tables() {
      const { rows } = await client.query(
        `select table_name, column_name from information_schema.columns where table_schema = any(current_schemas(false))`,
      );
      const found = new Map<string, Set<string>>();
      for (const row of rows as { table_name: string; column_name: string }[]) {
        found.set(row.table_name, (found.get(row.table_name) ?? new Set()).add(row.column_name));
      }
      return found;
    },
    async all(sql, parameters = []) {
      let count = 0;
      const { rows } = await client.query(
        sql.replaceAll("?", () => `$${++count}`),
        [...parameters],
      );
      return rows as Row[];
    },
    quote: (name) => `"${name.replaceAll('"', '""')}"`,
    close: () => client.end(),
  };
}
