import type { Database } from "../../src/engines/database/database.ts";
import { migrate } from "../../src/engines/database/migrate.ts";
import { openPostgres } from "../../src/engines/database/postgres.ts";
import { closeRedis, connectRedis, redisReady } from "../../src/engines/kv/redis-connection.ts";
import { createRedisKv } from "../../src/engines/kv/redis-kv.ts";
import { createSqlKv } from "../../src/engines/kv/sql-kv.ts";
import { systemClock } from "../../src/kernel/clock.ts";
import { capturedLog } from "../support/log.ts";
import { temporarySqlite } from "../support/sqlite.ts";
import { freshPostgresUrl, freshRedisUrl, hasProductionEngines } from "../support/test-engines.ts";
import { kvRace } from "./kv.race.ts";

kvRace("key-value races on SQLite", async () => {
  const database = await temporarySqlite();
  return { stores: [createSqlKv(database, systemClock)], close: () => database.close() };
});

if (hasProductionEngines) {
  kvRace("key-value races on PostgreSQL, four pools", async () => {
    const url = await freshPostgresUrl();
    const databases = Array.from({ length: 4 }, () => openPostgres({ url, poolSize: 8 }));
    await migrate(databases[0] as Database, systemClock);
    return {
      stores: databases.map((database) => createSqlKv(database, systemClock)),
      close: async () => {
        await Promise.all(databases.map((database) => database.close()));
      },
    };
  });

  kvRace("key-value races on Redis, four connections", async () => {
    const url = await freshRedisUrl();
    const clients = Array.from({ length: 4 }, () => connectRedis(url, "prompt", capturedLog()));
    await Promise.all(clients.map((client) => redisReady(client, 2000)));
    return {
      stores: clients.map((client) => createRedisKv(client)),
      close: async () => {
        await Promise.all(clients.map(closeRedis));
      },
    };
  });
}
