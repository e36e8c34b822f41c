import { createBullmqJobs } from "../../src/jobs/bullmq-runner.ts";
import { createLocalJobs } from "../../src/jobs/local-runner.ts";
import { closeRedis, connectRedis } from "../../src/kv/redis-connection.ts";
import { fakeClock } from "../support/fake-clock.ts";
import { capturedLog } from "../support/log.ts";
import {
  enginePairs,
  freshRedisUrl,
  hasProductionEngines,
  temporaryDatabase,
  temporaryPostgres,
} from "../support/test-engines.ts";
import { jobsContract } from "./jobs.contract.ts";

for (const pair of enginePairs)
  jobsContract(`jobs in the database, ${pair}`, async (definitions) => {
    const db = await temporaryDatabase(pair);
    const clock = fakeClock();
    const local = createLocalJobs({ db, clock, log: capturedLog(), definitions });
    return {
      ...local,
      db,
      async settle(elapsedSeconds = 0) {
        clock.advance(elapsedSeconds);
        await local.runner.runDue();
      },
      now: () => clock.now(),
      close: () => db.close(),
    };
  });

if (hasProductionEngines) {
  jobsContract("jobs on BullMQ, outbox in PostgreSQL", async (definitions) => {
    const db = await temporaryPostgres();
    const redisUrl = await freshRedisUrl();
    const redis = connectRedis(redisUrl, "prompt", capturedLog());
    const clock = fakeClock(Date.now());
    const bullmq = createBullmqJobs({ redisUrl, db, clock, log: capturedLog(), definitions });
    return {
      ...bullmq,
      db,
      async settle(elapsedSeconds = 0) {
        clock.advance(elapsedSeconds);
        // Redis has its own clock; so every waiting job's time is moved nearer instead. The score holds it
        // in its upper bits.
        const delayed = await redis.zrange("{meiduo}:jobs:delayed", "0", "-1", "WITHSCORES");
        for (let i = 0; i < delayed.length; i += 2) {
          const due = Number(delayed[i + 1]) - elapsedSeconds * 1000 * 0x1000;
          await redis.zadd("{meiduo}:jobs:delayed", String(due), String(delayed[i]));
        }
        await bullmq.runner.runDue();
      },
      now: () => clock.now(),
      async close() {
        await bullmq.close();
        await closeRedis(redis);
        await db.close();
      },
    };
  });
}
