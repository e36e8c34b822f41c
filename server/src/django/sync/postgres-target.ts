import { connectPostgres } from "../sources/django-postgres.ts";
import { type SyncTarget, valuesOf, whileWriting } from "./sync-target.ts";

/** A live Django site on PostgreSQL; the address as `import-django` takes it. */
export async function openPostgresTarget(address: string): Promise<SyncTarget> {
  const { client, ...reader } = await connectPostgres(address);
  const { description } = reader;
  const run = (sql: string, parameters: readonly (string | number | null)[] = []) => {
    let count = 0;
    const numbered = sql.replaceAll("?", () => `$${++count}`);
    return whileWriting(description, async () => void (await client.query(numbered, [...parameters])));
  };
  return {
    ...reader,
    async neededColumns(table) {
      const rows = await reader.all(
        `select column_name from information_schema.columns
          where table_schema = any(current_schemas(false)) and table_name = ? and is_nullable = 'NO'
            and column_default is null and is_identity = 'NO'`,
        [table],
      );
      return valuesOf(rows, "column_name");
    },
    run,
    async transaction(work) {
      await run("begin");
      try {
        await work();
        await run("commit");
      } catch (error) {
        // A connection that was lost has undone it by itself.
        await client.query("rollback").catch(() => {});
        throw error;
      }
    },
    async countOn(table) {
      const name = reader.quote(table);
      await reader.all(
        `select setval(sequence, greatest((select max(id) from ${name}), nextval(sequence)))
           from (select pg_get_serial_sequence(?, 'id') as sequence) as one where sequence is not null`,
        [name],
      );
    },
  };
}
