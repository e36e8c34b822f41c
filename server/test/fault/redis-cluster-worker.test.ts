import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Database } from "../../src/engines/database/database.ts";
import { type BullmqJobs, createBullmqJobs } from "../../src/engines/jobs/bullmq-runner.ts";
import { AppError } from "../../src/errors/errors.ts";
import { systemClock } from "../../src/kernel/clock.ts";
import { capturedLog } from "../support/log.ts";
import { notTested } from "../support/not-tested.ts";
import { waitUntil } from "../support/product-process.ts";
import { recordingJob } from "../support/recording-job.ts";
import { type RedisCluster, type RedisNode, type RedisNodes, redisNodes } from "../support/redis-nodes.ts";
import { temporarySqlite } from "../support/sqlite.ts";
import { hasProductionEngines } from "../support/test-engines.ts";
import { emptyJob } from "../support/test-jobs.ts";

/** No replica takes over by itself, so that the Cluster is away for as long as the test wants. */
if (hasProductionEngines) {
  describe("a worker on a Redis Cluster whose node with the queue hangs", () => {
    let nodes: RedisNodes;
    let cluster: RedisCluster;
    let db: Database;
    let bullmq: BullmqJobs;
    const note = recordingJob("note");

    beforeAll(async () => {
      nodes = redisNodes();
      cluster = await nodes.startCluster(
        1,
        ...["--cluster-node-timeout", "1000", "--cluster-replica-no-failover", "yes"],
      );
      db = await temporarySqlite();
      bullmq = createBullmqJobs({
        ...{ redisUrl: cluster.url, db, clock: systemClock, log: capturedLog() },
        definitions: [note.definition],
      });
      await bullmq.runner.start();
    });
    afterAll(async () => {
      await bullmq?.runner.stop(1);
      await bullmq?.close();
      await Promise.all([db?.close(), nodes?.destroy()]);
    });

    /** As people do: again until it is taken. */
    async function enqueue(id: string): Promise<void> {
      const taken = async () => {
        try {
          await bullmq.jobs.enqueue(emptyJob("note"), {}, { id });
          return true;
        } catch (error) {
          expect(error).toBeInstanceOf(AppError);
          return false;
        }
      };
      await waitUntil(taken, 60, `"${id}" in the queue`);
    }

    test("takes jobs again when its replica takes over, however long that was", async () => {
      await enqueue("before");
      await waitUntil(() => note.ran.includes("before"), 20, "the job before");
      await cluster.replicated();
      const index = cluster.masters.findIndex((node) => node.cli("keys", "{meiduo}*") !== "");
      const other = cluster.masters.find((_, at) => at !== index) as RedisNode;
      cluster.masters[index]?.freeze();
      const fallen = () => other.cli("cluster", "info").includes("cluster_state:fail");
      await waitUntil(fallen, 30, "a Cluster that is not sound");
      // A worker's read gives up after three seconds and connects again, while the Cluster is still not sound.
      const fallenAt = performance.now();
      await waitUntil(() => performance.now() - fallenAt > 8000, 10);
      expect(cluster.replicas[index]?.cli("cluster", "failover", "takeover")).toBe("OK");

      await enqueue("after");
      await waitUntil(() => note.ran.includes("after"), 60, "the job after");
    });
  });
} else notTested("PostgreSQL and Redis");
