import pg from "pg";
import { type DjangoReader, type Row, unreachable, whileReading } from "./django-reader.ts";
import { databaseOf, readAddress } from "./source-address.ts";

/** Reads a live Django site on PostgreSQL: `postgres://user:password@host:5432/database[?sslmode=…]`. */
export async function openPostgresReader(address: string): Promise<DjangoReader> {
  const { client, ...reader } = await connectPostgres(address);
  await client.query("begin isolation level repeatable read read only");
  return reader;
}

/** What reads, with the connection that it reads by. */
export async function connectPostgres(
  address: string,
): Promise<DjangoReader & { readonly client: pg.Client }> {
  const url = readAddress(address);
  const description = `PostgreSQL database ${databaseOf(url)} at ${url.host}`;
  const client = await connect(address).catch((error: unknown) => {
    throw unreachable(`PostgreSQL at ${url.host}`, error);
  });
  const query = (sql: string, parameters: readonly (string | number)[] = []) =>
    whileReading(description, async () => (await client.query(sql, [...parameters])).rows as Row[]);
  return {
    client,
    description,
    async tables() {
      const rows = await query(
        `select table_name, column_name from information_schema.columns where table_schema = any(current_schemas(false))`,
      );
      const found = new Map<string, Set<string>>();
      for (const row of rows as unknown as { table_name: string; column_name: string }[]) {
        found.set(row.table_name, (found.get(row.table_name) ?? new Set()).add(row.column_name));
      }
      return found;
    },
    async all(sql, parameters) {
      let count = 0;
      return query(
        sql.replaceAll("?", () => `$${++count}`),
        parameters,
      );
    },
    quote: (name) => `"${name.replaceAll('"', '""')}"`,
    close: () => client.end(),
  };
}

async function connect(connectionString: string): Promise<pg.Client> {
  const client = new pg.Client({
    connectionString,
    connectionTimeoutMillis: 10_000,
    // Times stay text, in the session's zone, which is UTC; numbers and flags are converted by the rows.
    types: { getTypeParser: () => (text: unknown) => text } as never,
  });
  // Without a listener a connection that is lost between two queries would end the process; the next query says so.
  client.on("error", () => {});
  await client.connect();
  await client.query("set time zone 'UTC'");
  return client;
}
