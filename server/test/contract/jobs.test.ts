import { createLocalJobs } from "../../src/jobs/local-runner.ts";
import { fakeClock } from "../support/fake-clock.ts";
import { capturedLog } from "../support/log.ts";
import { enginePairs, temporaryDatabase } from "../support/test-engines.ts";
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
