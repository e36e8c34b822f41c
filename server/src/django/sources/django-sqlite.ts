import { existsSync } from "node:fs";
import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";
import { type DjangoReader, type Row, SourceError, whileReading } from "./django-reader.ts";

/** Reads a Django site's SQLite file. */
export async function openSqliteReader(file: string): Promise<DjangoReader> {
  if (!existsSync(file)) throw new SourceError(`没有文件 ${file}。`, `There is no file ${file}.`);
  let database: DatabaseSync;
  try {
    database = new DatabaseSync(file, { readOnly: true });
    database.exec("begin");
    database.prepare("select count(*) from sqlite_master").get();
  } catch (error) {
    const reason = (error as Error).message;
    throw new SourceError(
      `${file} 不是可读的 SQLite 数据库：${reason}`,
      `${file} is not a readable SQLite database: ${reason}`,
    );
  }
  return readerOf(database, `SQLite file ${file}`);
}

/** A reader on an open connection, which it closes. */
export function readerOf(database: DatabaseSync, description: string): DjangoReader {
  const statements = new Map<string, StatementSync>();
  const prepare = (sql: string) => {
    const known = statements.get(sql) ?? database.prepare(sql);
    statements.set(sql, known);
    return known;
  };
  return {
    description,
    async tables() {
      const found = new Map<string, Set<string>>();
      const columns = prepare(
        `select m.name as table_name, c.name as column_name
           from sqlite_master m join pragma_table_info(m.name) c where m.type in ('table', 'view')`,
      );
      for (const row of columns.all() as { table_name: string; column_name: string }[]) {
        const names = found.get(row.table_name) ?? new Set<string>();
        found.set(row.table_name, names.add(row.column_name));
      }
      return found;
    },
    all: (sql, parameters = []) =>
      whileReading(description, () => prepare(sql).all(...(parameters as SQLInputValue[])) as Row[]),
    quote: (name) => `"${name.replaceAll('"', '""')}"`,
    close: async () => database.close(),
  };
}
