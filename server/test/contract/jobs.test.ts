import { createLocalJobs } from "../../src/jobs/local-runner.ts";
import { fakeClock } from "../support/fake-clock.ts";
import { capturedLog } from "../support/log.ts";
import { temporarySqlite } from "../support/sqlite.ts";
import { jobsContract } from "./jobs.contract.ts";

jobsContract("jobs on SQLite", async (definitions) => {
  const db = await temporarySqlite();
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
