import { CompiledQuery } from "kysely";
import type { Db } from "../../engines/database/database.ts";
import type { Tables } from "../../engines/database/tables.ts";

/**
 * Inserts many rows with few statements; rows whose key exists are left out. Compiling such a statement costs
 * more than running it, so the text is kept per table and number of rows.
 */
export interface BulkInsert {
  /** All rows must have the same columns in the same order. Returns how many were new. */
  insert(db: Db, table: keyof Tables, rows: readonly object[]): Promise<number>;
}

/** SQLite takes 32,766 parameters a statement, PostgreSQL 65,535. */
const maxParameters = 9_000;

export function createBulkInsert(): BulkInsert {
  const texts = new Map<string, string>();

  async function insertChunk(db: Db, table: keyof Tables, rows: readonly object[]): Promise<number> {
    const cacheKey = `${db.engine} ${table} ${rows.length}`;
    let text = texts.get(cacheKey);
    if (text === undefined) {
      text = db.kysely
        .insertInto(table)
        .values(rows as never)
        .onConflict((conflict) => conflict.doNothing())
        .compile().sql;
      // The last, shorter chunks would fill the cache with texts used once.
      if (texts.size < 100) texts.set(cacheKey, text);
    }
    const parameters: unknown[] = [];
    for (const row of rows) parameters.push(...Object.values(row));
    const result = await db.kysely.executeQuery(CompiledQuery.raw(text, parameters));
    return Number(result.numAffectedRows ?? 0);
  }

  return {
    async insert(db, table, rows) {
      if (rows.length === 0) return 0;
      const columns = Object.keys(rows[0] as object).length;
      const size = Math.max(1, Math.min(500, Math.floor(maxParameters / columns)));
      let inserted = 0;
      for (let start = 0; start < rows.length; start += size) {
        inserted += await insertChunk(db, table, rows.slice(start, start + size));
      }
      return inserted;
    },
  };
}
