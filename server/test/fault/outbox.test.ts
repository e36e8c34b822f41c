import { spawn } from "node:child_process";
import { expect, test, vi } from "vitest";
import { migrate } from "../../src/engines/database/migrate.ts";
import { openPostgres } from "../../src/engines/database/postgres.ts";
import { createBullmqJobs } from "../../src/engines/jobs/bullmq-runner.ts";
import { insertJob } from "../../src/engines/jobs/job-store.ts";
import { createOutboxRelay } from "../../src/engines/jobs/outbox-relay.ts";
import { systemClock } from "../../src/kernel/clock.ts";
import { bareEnvironment } from "../support/false-clock.ts";
import { capturedLog } from "../support/log.ts";
import { notTested } from "../support/not-tested.ts";
import { waitUntil } from "../support/product-process.ts";
import { recordingJob } from "../support/recording-job.ts";
import { redisNodes } from "../support/redis-nodes.ts";
import { temporarySqlite } from "../support/sqlite.ts";
import { freshPostgresUrl, freshRedisUrl, hasProductionEngines } from "../support/test-engines.ts";
import { emptyJob } from "../support/test-jobs.ts";

/** A process that commits a job with its transaction and says so; it never comes to publishing it. */
const committer = `
import { openPostgres } from "${new URL("../../src/engines/database/postgres.ts", import.meta.url).href}";
import { insertJob } from "${new URL("../../src/engines/jobs/job-store.ts", import.meta.url).href}";
const db = openPostgres({ url: process.env.URL, poolSize: 1 });
await db.transaction(async (transaction) => {
  for (const id of ["first", "second", "third"]) {
    const job = { id, name: "test.notice", payload: "{}", createdAt: 1, dueAt: 0, deadlineAt: null };
    await transaction.first(insertJob, job);
  }
});
process.stdout.write("committed");
setInterval(() => {}, 1000);
`;

if (hasProductionEngines) {
  test("a process killed between commit and publish: its jobs are published by another, each run once", async () => {
    const [url, redisUrl] = [await freshPostgresUrl(), await freshRedisUrl()];
    const db = openPostgres({ url, poolSize: 4 });
    await migrate(db, systemClock);
    const child = spawn(process.execPath, ["--input-type=module", "--eval", committer], {
      env: { ...bareEnvironment(), URL: url },
      stdio: ["ignore", "pipe", "inherit"],
    });
    let said = "";
    child.stdout.on("data", (chunk) => {
      said += chunk;
    });
    await waitUntil(() => said.includes("committed"), 30, "the commit");
    const gone = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGKILL");
    await gone;

    const { definition, ran } = recordingJob("test.notice");
    const jobs = createBullmqJobs({
      ...{ redisUrl, db, clock: systemClock, log: capturedLog() },
      definitions: [definition],
    });
    // As after a kill between publish and delete: one is in the queue already and still a row.
    await jobs.jobs.enqueue(emptyJob("test.notice"), {}, { id: "second" });
    await jobs.runner.start();
    await waitUntil(() => ran.length >= 3, 20, "the jobs");
    await waitUntil(
      async () => (await db.kysely.selectFrom("jobs").select("id").execute()).length === 0,
      20,
      "an empty outbox",
    );
    const counts = await jobs.admin.counts();
    expect(counts).toMatchObject({ waiting: 0, running: 0, dead: 0 });
    expect(ran.sort()).toEqual(["first", "second", "third"]);
    await jobs.runner.stop(5);
    await jobs.close();
    await db.close();
  });

  test("a row that can't be read becomes a dead letter and keeps no later one back", async () => {
    const [url, redisUrl] = [await freshPostgresUrl(), await freshRedisUrl()];
    const db = openPostgres({ url, poolSize: 4 });
    await migrate(db, systemClock);
    const { definition, ran } = recordingJob("test.notice");
    const log = capturedLog();
    const jobs = createBullmqJobs({ redisUrl, db, clock: systemClock, log, definitions: [definition] });
    try {
      for (const [id, payload] of [
        ["cut-off", '{"to":"someone@exam'],
        ["a-list", "[]"],
        ["whole", "{}"],
      ] as const) {
        const job = { id, name: "test.notice", payload, createdAt: 1, dueAt: 0, deadlineAt: null };
        await db.first(insertJob, job);
      }
      await jobs.runner.runDue();
      expect(ran).toEqual(["whole"]);
      const dead = await jobs.admin.list({ state: "dead", limit: 10 });
      expect(dead.map(({ id }) => id).sort()).toEqual(["a-list", "cut-off"]);
      expect(dead.find(({ id }) => id === "cut-off")).toMatchObject({
        lastError: expect.stringContaining("the stored payload is not JSON"),
        payload: { unreadable: expect.any(String) },
      });
      expect(JSON.stringify(dead) + JSON.stringify(log.lines)).not.toContain("someone@exam");
    } finally {
      await jobs.close();
      await db.close();
    }
  });

  test("a Redis that refuses us buries nothing: what is due waits and is published once it lets us", async () => {
    const db = await temporarySqlite();
    const published: string[] = [];
    let refusal: Error | null = null;
    const relay = createOutboxRelay({
      ...{ db, clock: systemClock, log: capturedLog(), names: ["test.notice"] },
      publish: async (row) => {
        if (refusal) throw refusal;
        published.push(row.id);
      },
    });
    try {
      const job = {
        id: "notice",
        name: "test.notice",
        payload: "{}",
        createdAt: 1,
        dueAt: 0,
        deadlineAt: null,
      };
      await db.first(insertJob, job);
      for (const text of [
        "NOAUTH Authentication required.",
        "NOPERM this user has no permissions",
        "ERR max number of clients reached",
        "MOVED 3999 127.0.0.1:6381",
      ]) {
        refusal = Object.assign(new Error(text), { name: "ReplyError" });
        await expect(relay.relay()).rejects.toThrow(text);
      }
      refusal = null;
      await relay.relay();
      expect(published).toEqual(["notice"]);
    } finally {
      await relay.stop();
      await db.close();
    }
  });

  test("BullMQ's advice about Redis is a log line, and nothing else is printed", async () => {
    const printed = [vi.spyOn(console, "warn"), vi.spyOn(console, "error"), vi.spyOn(console, "log")];
    const nodes = redisNodes();
    const db = await temporarySqlite();
    const log = capturedLog();
    const { definition, ran } = recordingJob("test.notice");
    try {
      const node = await nodes.start("--maxmemory-policy", "volatile-lru");
      const redisUrl = `redis://127.0.0.1:${node.port}`;
      const jobs = createBullmqJobs({ redisUrl, db, clock: systemClock, log, definitions: [definition] });
      await jobs.jobs.enqueue(emptyJob("test.notice"), {}, { id: "one" });
      await jobs.runner.runDue();
      await jobs.close();
      expect(ran).toEqual(["one"]);
      expect(log.lines.map(({ fields }) => fields.maxmemoryPolicy).filter(Boolean)).toEqual(["volatile-lru"]);
      for (const spy of printed) expect(spy).not.toHaveBeenCalled();
    } finally {
      for (const spy of printed) spy.mockRestore();
      await db.close();
      await nodes.destroy();
    }
  });
} else notTested("PostgreSQL and Redis");
