import { describe, expect, test } from "vitest";
import { createBullmqJobs } from "../../src/engines/jobs/bullmq-runner.ts";
import { deadLetters, purgeDeadLetters } from "../../src/engines/jobs/job-store.ts";
import { type JobDefinition, PermanentFailure } from "../../src/engines/jobs/jobs.ts";
import { createLocalJobs } from "../../src/engines/jobs/local-runner.ts";
import { createMaintenance } from "../../src/engines/jobs/maintenance.ts";
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
import { testMail } from "../support/test-jobs.ts";
import { jobsContract } from "./jobs.contract.ts";

const twoKept = { ...deadLetters, most: 2 };

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
      purge: async () => void (await purgeDeadLetters(db, clock.now(), 500, twoKept)),
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
    const log = capturedLog();
    const bullmq = createBullmqJobs({ redisUrl, db, clock, log, definitions, deadLetters: twoKept });
    return {
      ...bullmq,
      db,
      async settle(elapsedSeconds = 0) {
        clock.advance(elapsedSeconds);
        await aging.catchUp();
        await bullmq.runner.runDue();
      },
      purge: async () => void (await createMaintenance({ purges: bullmq.purges, log }).run()),
      now: () => clock.now(),
      async close() {
        await bullmq.close();
        await aging.close();
        await db.close();
      },
    };
  });

  describe("a site that moved to Redis", () => {
    /** Its own runner left a dead letter and, a second younger, a waiting job in the table. */
    async function movedSite() {
      const db = await temporaryPostgres();
      const clock = fakeClock();
      const ran: string[] = [];
      const behaviour = { fails: true };
      const definition: JobDefinition<typeof testMail.payload> = {
        ...testMail,
        ...{ attempts: 3, backoffSeconds: 2, backoffLimitSeconds: 60 },
        async handler(_, { id }) {
          ran.push(id);
          if (behaviour.fails) throw new PermanentFailure("550 no such mailbox");
        },
      };
      const parts = { db, clock, log: capturedLog(), definitions: [definition] };
      const deadlineAt = clock.now() + 60_000;
      const local = createLocalJobs(parts);
      await local.jobs.enqueue(testMail, { to: "left@example.com" }, { id: "table-dead", deadlineAt });
      await local.runner.runDue();
      clock.advance(1);
      await local.jobs.enqueue(testMail, { to: "later@example.com" }, { id: "table-waiting" });

      const redis = createBullmqJobs({ ...parts, redisUrl: await freshRedisUrl() });
      return {
        ...{ redis, ran, behaviour, clock },
        async close() {
          await redis.close();
          await db.close();
        },
      };
    }
    const ids = (jobs: readonly { id: string }[]) => jobs.map((job) => job.id);

    test("still sees its dead letters, masked, and puts them back", async () => {
      const { redis, ran, behaviour, clock, close } = await movedSite();
      try {
        expect(await redis.admin.counts()).toEqual({ waiting: 1, running: 0, done: 0, dead: 1 });
        expect(ids(await redis.admin.list({ limit: 10 }))).toEqual(["table-waiting", "table-dead"]);
        expect(ids(await redis.admin.list({ limit: 1 }))).toEqual(["table-waiting"]);
        expect(ids(await redis.admin.list({ state: "waiting", limit: 10 }))).toEqual(["table-waiting"]);
        expect(await redis.admin.list({ state: "running", limit: 10 })).toEqual([]);
        const [letter, ...others] = await redis.admin.list({ state: "dead", limit: 10 });
        expect(others).toEqual([]);
        expect(letter).toMatchObject({
          id: "table-dead",
          state: "dead",
          payload: { to: "l***@example.com" },
        });
        expect(await redis.admin.show("table-dead")).toEqual(letter);
        expect(await redis.admin.show("table-none")).toBeNull();

        // Long after its deadline, as dead letters are.
        clock.advance(3600);
        behaviour.fails = false;
        expect(await redis.admin.retry("table-none")).toBe(0);
        expect(await redis.admin.retry("table-dead")).toBe(1);
        expect(await redis.admin.retry("all")).toBe(0);
        ran.length = 0;
        await redis.runner.runDue();
        expect(ran.sort()).toEqual(["table-dead", "table-waiting"]);
        expect(await redis.admin.counts()).toEqual({ waiting: 0, running: 0, done: 2, dead: 0 });
      } finally {
        await close();
      }
    });

    test("puts back all dead letters at once, the table's and the queue's", async () => {
      const { redis, ran, behaviour, close } = await movedSite();
      try {
        // Passes the waiting one on, which fails in its turn.
        await redis.runner.runDue();
        expect(await redis.admin.counts()).toEqual({ waiting: 0, running: 0, done: 0, dead: 2 });
        const letters = await redis.admin.list({ state: "dead", limit: 10 });
        expect(ids(letters).sort()).toEqual(["table-dead", "table-waiting"]);
        behaviour.fails = false;
        expect(await redis.admin.retry("all")).toBe(2);
        ran.length = 0;
        await redis.runner.runDue();
        expect(ran.sort()).toEqual(["table-dead", "table-waiting"]);
        expect((await redis.admin.counts()).dead).toBe(0);
      } finally {
        await close();
      }
    });

    test("drains what it showed and no more", async () => {
      const { redis, ran, close } = await movedSite();
      try {
        await redis.jobs.enqueue(testMail, { to: "new@example.com" }, { id: "queued" });
        const shown = await redis.admin.list({ limit: 10 });
        expect(ids(shown).sort()).toEqual(["queued", "table-dead", "table-waiting"]);
        expect(await redis.admin.drain()).toBe(shown.length);
        expect(await redis.admin.list({ limit: 10 })).toEqual([]);
        ran.length = 0;
        await redis.runner.runDue();
        expect(ran).toEqual([]);
      } finally {
        await close();
      }
    });
  });
}
