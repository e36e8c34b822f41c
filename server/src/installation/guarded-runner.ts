import type { LocalRunner } from "../engines/jobs/local-runner.ts";

/**
 * A worker that takes jobs only while they are this installation's: another's queue would give it mails whose codes it
 * can't derive. `allow` may be called at any time; the changes are carried out one after the other.
 */
export interface GuardedRunner extends LocalRunner {
  allow(isOurs: boolean): void;
}

/** Seconds for the jobs in hand when the queue turns out to be another's. */
const leaveLimitSeconds = 10;

export function guardRunner(runner: LocalRunner, isOursAtFirst: boolean): GuardedRunner {
  let isOurs = isOursAtFirst;
  let isWanted = false;
  let last: Promise<void> = Promise.resolve();
  const next = (work: () => Promise<void>) => {
    last = last.then(work, work);
    return last;
  };
  return {
    runDue: () => runner.runDue(),
    start() {
      isWanted = true;
      return next(async () => {
        if (isWanted && isOurs) await runner.start();
      });
    },
    stop(limitSeconds) {
      isWanted = false;
      return next(() => runner.stop(limitSeconds));
    },
    allow(now) {
      isOurs = now;
      if (!isWanted) return;
      // What fails here is reported by the runner's own connection, and by the next start.
      next(() => (isOurs && isWanted ? runner.start() : runner.stop(leaveLimitSeconds))).catch(() => {});
    },
  };
}
