import type { TestApp } from "./test-app.ts";

/** Turns of the event loop that somebody else has had by the time the work is done. */
export async function turnsDuring(work: () => Promise<unknown>): Promise<number> {
  let turns = 0;
  let isOver = false;
  const count = () => {
    turns++;
    if (!isOver) setImmediate(count);
  };
  setImmediate(count);
  await work();
  isOver = true;
  return turns;
}

/** Erases an account as its owner wished, and what is left to be done some minutes later. */
export async function eraseNow(site: TestApp, id: number): Promise<void> {
  await site.app.db.kysely
    .updateTable("users")
    .set({ deletion_due_at: site.clock.now() - 1 })
    .where("id", "=", id)
    .execute();
  await site.app.maintenance.run();
  await site.runJobs();
  site.clock.advance(301);
  await site.runJobs();
}
