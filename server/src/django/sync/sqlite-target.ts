import { existsSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { SourceError } from "../sources/django-reader.ts";
import { readerOf } from "../sources/django-sqlite.ts";
import { type SyncTarget, valuesOf, whileWriting } from "./sync-target.ts";

/** A Django site's SQLite file, beside a site that may be running: each write waits up to ten seconds for its turn. */
export async function openSqliteTarget(file: string): Promise<SyncTarget> {
  if (!existsSync(file)) throw new SourceError(`没有文件 ${file}。`, `There is no file ${file}.`);
  const database = new DatabaseSync(file);
  const description = `SQLite file ${file}`;
  const exec = (sql: string) => whileWriting(description, () => database.exec(sql));
  try {
    await exec("pragma busy_timeout = 10000; select count(*) from sqlite_master");
  } catch (error) {
    database.close();
    throw error;
  }
  const reader = readerOf(database, description);
  return {
    ...reader,
    async neededColumns(table) {
      const rows = await reader.all(
        `select name from pragma_table_info(?) where "notnull" = 1 and dflt_value is null and pk = 0`,
        [table],
      );
      return valuesOf(rows, "name");
    },
    run: (sql, parameters) => whileWriting(description, () => void database.prepare(sql).run(...parameters)),
    async transaction(work) {
      await exec("begin immediate");
      try {
        await work();
        await exec("commit");
      } catch (error) {
        database.exec("rollback");
        throw error;
      }
    },
    // The next id is one more than the largest.
    countOn: async () => {},
  };
}
