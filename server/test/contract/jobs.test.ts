import { createBullmqJobs } from "../../src/jobs/bullmq-runner.ts";
import { createLocalJobs } from "../../src/jobs/local-runner.ts";
import { agingRedis } from "../support/aging-redis.ts";
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
    const clock = fakeClock();
    const aging = agingRedis(redisUrl, clock);
    const bullmq = createBullmqJobs({ redisUrl, db, clock, log: capturedLog(), definitions });
    return {
      ...bullmq,
      db,
      async settle(elapsedSeconds = 0) {
        clock.advance(elapsedSeconds);
        await aging.catchUp();
        await bullmq.runner.runDue();
      },
      now: () => clock.now(),
      async close() {
        await bullmq.close();
        await aging.close();
        await db.close();
      },
    };
  });
}
