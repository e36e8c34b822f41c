import { closeRedis, connectRedis, redisReady } from "../../src/engines/kv/redis-connection.ts";
import { createRedisKv } from "../../src/engines/kv/redis-kv.ts";
import { createSqlKv } from "../../src/engines/kv/sql-kv.ts";
import { fakeClock } from "../support/fake-clock.ts";
import { capturedLog } from "../support/log.ts";
import { temporarySqlite } from "../support/sqlite.ts";
import { freshRedisUrl, hasProductionEngines, temporaryPostgres } from "../support/test-engines.ts";
import { type KvUnderTest, kvContract } from "./kv.contract.ts";
import { batchesAtOnce } from "./kv-at-once.contract.ts";

function contract(name: string, open: () => Promise<KvUnderTest>): void {
  kvContract(name, open);
  batchesAtOnce(name, open);
}

contract("key-value store on SQLite", async () => {
  const database = await temporarySqlite();
  const clock = fakeClock();
  return {
    kv: createSqlKv(database, clock),
    elapse: async (seconds) => clock.advance(seconds),
    close: () => database.close(),
  };
});

if (hasProductionEngines) {
  contract("key-value store on PostgreSQL", async () => {
    const database = await temporaryPostgres();
    const clock = fakeClock();
    return {
      kv: createSqlKv(database, clock),
      elapse: async (seconds) => clock.advance(seconds),
      close: () => database.close(),
    };
  });

  contract("key-value store on Redis", async () => {
    const client = connectRedis(await freshRedisUrl(), "prompt", capturedLog());
    await redisReady(client, 2000);
    return {
      kv: createRedisKv(client),
      async elapse(seconds) {
        // Redis has its own clock; so every entry is made older instead.
        for (const key of await client.keys("*")) {
          const left = (await client.pttl(key)) - seconds * 1000;
          await (left > 0 ? client.pexpire(key, left) : client.del(key));
        }
      },
      close: () => closeRedis(client),
    };
  });
}
