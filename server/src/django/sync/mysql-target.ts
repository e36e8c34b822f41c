import { connectMysql } from "../sources/django-mysql.ts";
import { type SyncTarget, valuesOf, whileWriting } from "./sync-target.ts";

/** A live Django site on MySQL or MariaDB; the address as `import-django` takes it. */
export async function openMysqlTarget(address: string): Promise<SyncTarget> {
  const { connection, ...reader } = await connectMysql(address);
  const { description } = reader;
  const run = (sql: string, parameters: readonly (string | number | null)[] = []) =>
    whileWriting(description, async () => void (await connection.query(sql, [...parameters])));
  // Out of its strict mode MySQL cuts what is too long, and a cut name is another person's.
  await run("set session sql_mode = 'STRICT_ALL_TABLES', time_zone = '+00:00'");
  return {
    ...reader,
    async neededColumns(table) {
      const rows = await reader.all(
        `select column_name as column_name from information_schema.columns
          where table_schema = database() and table_name = ? and is_nullable = 'NO'
            and column_default is null and extra not like '%auto_increment%'`,
        [table],
      );
      return valuesOf(rows, "column_name");
    },
    run,
    async transaction(work) {
      await run("start transaction");
      try {
        await work();
        await run("commit");
      } catch (error) {
        // A connection that was lost has undone it by itself.
        await connection.query("rollback").catch(() => {});
        throw error;
      }
    },
    // The engine counts on behind a written id by itself.
    countOn: async () => {},
  };
}
