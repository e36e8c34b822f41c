import { Redis } from "ioredis";
import { sql } from "kysely";
import type { Db } from "../../src/engines/database/database.ts";

/** Every table of the database with its rows, as text to look for values in. */
export async function dumpDatabase(db: Db): Promise<ReadonlyMap<string, string>> {
  const asked =
    db.engine === "postgres"
      ? sql<{
          name: string;
        }>`select table_name as name from information_schema.tables where table_schema = current_schema()`
      : sql<{
          name: string;
        }>`select name from sqlite_master where type = 'table' and name not like 'sqlite_%'`;
  const { rows: tables } = await asked.execute(db.kysely);
  const dump = new Map<string, string>();
  for (const { name } of tables) {
    const { rows } = await sql`select * from ${sql.table(name)}`.execute(db.kysely);
    dump.set(name, JSON.stringify(rows));
  }
  return dump;
}

/** Every entry of Redis, name and value. */
export async function dumpRedis(url: string): Promise<string> {
  const redis = new Redis(url);
  try {
    const names = await redis.keys("*");
    const values = await Promise.all(
      names.map(async (name) => {
        const type = await redis.type(name);
        if (type === "hash") return JSON.stringify(await redis.hgetall(name));
        if (type === "string") return (await redis.get(name)) ?? "";
        if (type === "stream") return JSON.stringify(await redis.xrange(name, "-", "+"));
        if (type === "zset") return JSON.stringify(await redis.zrange(name, "0", "-1"));
        if (type === "list") return JSON.stringify(await redis.lrange(name, 0, -1));
        return JSON.stringify(await redis.smembers(name));
      }),
    );
    return [...names, ...values].join("\n");
  } finally {
    await redis.quit();
  }
}
