import { type Connection, createConnection } from "mysql2/promise";
import { type DjangoReader, type Row, unreachable, whileReading } from "./django-reader.ts";
import { databaseOf, readAddress, readMysqlTls } from "./source-address.ts";

/** Reads a live Django site on MySQL or MariaDB: `mysql://user:password@host:3306/database[?ssl-mode=…]`. */
export async function openMysqlReader(address: string): Promise<DjangoReader> {
  const { connection: _, ...reader } = await connectMysql(address);
  await reader.all("set session transaction isolation level repeatable read");
  await reader.all("start transaction with consistent snapshot, read only");
  return reader;
}

/** What reads, with the connection that it reads by. */
export async function connectMysql(
  address: string,
): Promise<DjangoReader & { readonly connection: Connection }> {
  const url = readAddress(address);
  const ssl = readMysqlTls(url);
  const description = `MySQL database ${databaseOf(url)} at ${url.host}`;
  const connection = await createConnection({
    host: url.hostname.replace(/^\[(.*)\]$/, "$1"),
    port: Number(url.port || 3306),
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    database: databaseOf(url),
    // Django stores naive UTC; as text no driver shifts it by this machine's time zone.
    dateStrings: true,
    supportBigNumbers: true,
    charset: "utf8mb4",
    connectTimeout: 10_000,
    ...(ssl === undefined ? {} : { ssl }),
  }).catch((error: unknown) => {
    throw unreachable(`MySQL at ${url.host}`, error);
  });
  // Without a listener a connection that is lost between two queries would end the process; the next query says so.
  connection.on("error", () => {});
  const query = (sql: string, parameters: readonly (string | number)[] = []) =>
    whileReading(description, async () => (await connection.query(sql, [...parameters]))[0] as Row[]);
  return {
    connection,
    description,
    async tables() {
      const rows = await query(
        `select table_name as table_name, column_name as column_name
           from information_schema.columns where table_schema = database()`,
      );
      const found = new Map<string, Set<string>>();
      for (const row of rows as unknown as { table_name: string; column_name: string }[]) {
        found.set(row.table_name, (found.get(row.table_name) ?? new Set()).add(row.column_name));
      }
      return found;
    },
    all: query,
    quote: (name) => `\`${name.replaceAll("`", "``")}\``,
    close: () => leave(connection),
  };
}

/** A connection that was lost can't be ended in order; nothing depends on it any more. */
async function leave(connection: Connection): Promise<void> {
  await connection.end().catch(() => connection.destroy());
}
