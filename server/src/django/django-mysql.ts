import { createConnection } from "mysql2/promise";
import { type DjangoReader, type Row, SourceError } from "./django-reader.ts";

/** Reads a live Django site on MySQL or MariaDB: `mysql://user:password@host:3306/database`. */
export async function openMysqlReader(url: string): Promise<DjangoReader> {
  const { host, pathname } = new URL(url);
  const connection = await createConnection({
    uri: url,
    // Django stores naive UTC; as text no driver shifts it by this machine's time zone.
    dateStrings: true,
    supportBigNumbers: true,
    charset: "utf8mb4",
    connectTimeout: 10_000,
  }).catch((error: unknown) => {
    throw new SourceError(`MySQL at ${host} can't be reached: ${(error as Error).message}`);
  });
  await connection.query("set session transaction isolation level repeatable read");
  await connection.query("start transaction with consistent snapshot, read only");
  return {
    description: `MySQL database ${pathname.slice(1)} at ${host}`,
    async tables() {
      const [rows] = await connection.query(
        `select table_name as table_name, column_name as column_name
           from information_schema.columns where table_schema = database()`,
      );
      const found = new Map<string, Set<string>>();
      for (const row of rows as { table_name: string; column_name: string }[]) {
        found.set(row.table_name, (found.get(row.table_name) ?? new Set()).add(row.column_name));
      }
      return found;
    },
    async all(sql, parameters = []) {
      const [rows] = await connection.query(sql, [...parameters]);
      return rows as Row[];
    },
    quote: (name) => `\`${name.replaceAll("`", "``")}\``,
    close: () => connection.end(),
  };
}
