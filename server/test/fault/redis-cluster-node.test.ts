import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { notTested } from "../support/not-tested.ts";
import { type ProductProcess, startProduct, waitUntil } from "../support/product-process.ts";
import { type RedisCluster, type RedisNode, type RedisNodes, redisNodes } from "../support/redis-nodes.ts";
import { type SmtpSink, startSmtpSink } from "../support/smtp-sink.ts";
import { freshPostgresUrl, hasProductionEngines } from "../support/test-engines.ts";
import { codeInMail, promisedMails, visitors } from "../support/visitors.ts";

/**
 * Three masters with a replica each, which take over after a second of silence. What a master had not sent to its
 * replica dies with it, that is Redis' own rule; so each test begins when the replicas have everything.
 */
if (hasProductionEngines) {
  describe("a node of a Redis Cluster is lost under load", () => {
    let nodes: RedisNodes;
    let cluster: RedisCluster;
    let sink: SmtpSink;
    let api: ProductProcess;
    let worker: ProductProcess;
    beforeEach(async () => {
      nodes = redisNodes();
      cluster = await nodes.startCluster(1, "--cluster-node-timeout", "1000");
      sink = await startSmtpSink();
      const env = {
        ...{ DATABASE_URL: await freshPostgresUrl(), REDIS_URL: cluster.url, SMTP_URL: sink.url },
        ...{ EMAIL_FROM: "accounts@meiduo.example", HASH_CONCURRENCY: "1" },
      };
      api = await startProduct("serve", env);
      worker = await startProduct("work", env);
    });
    afterEach(async () => {
      await Promise.all([api?.stop(), worker?.stop()]);
      await Promise.all([nodes?.destroy(), sink?.close()]);
    });

    const ownsQueue = (node: RedisNode) => node.cli("keys", "{meiduo}*") !== "";
    test.each([
      ["killed, one without the queue", (node: RedisNode) => node.kill(), false],
      ["killed, the one with the queue", (node: RedisNode) => node.kill(), true],
      ["that hangs, the one with the queue", async (node: RedisNode) => node.freeze(), true],
    ] as const)(
      "a master %s: 503 with Retry-After within 2 s or service, back by itself, no sign-up and no mail lost",
      async (what, lose, withQueue) => {
        const mark = withQueue ? "queue" : "slots";
        const crowd = visitors(api.url);
        const accepted: string[] = [];
        let number = 0;
        async function signUp(): Promise<boolean> {
          const id = `${mark}${number++}`;
          const email = `${id}@example.com`;
          const asked = await crowd.requestCode(email);
          if (asked.status !== 200) return false;
          const signedUp = await crowd.signUp(id, email, await codeInMail(sink, email, 120));
          if (signedUp.status === 201) accepted.push(id);
          return signedUp.status === 201;
        }
        expect((await crowd.call("readiness", "/readyz")).status).toBe(200);
        const askedAt = performance.now();
        for (let i = 0; i < 4; i++) expect(await signUp(), what).toBe(true);
        await cluster.replicated();
        // An answer is given again for two seconds: the next one has to be a look of its own.
        await waitUntil(() => performance.now() - askedAt > 2000, 5);
        await lose(cluster.masters.find((node) => ownsQueue(node) === withQueue) as RedisNode);

        // Until forty in a row are served: two thirds of the slots were never away, so that ten in a row can be luck.
        let busy = true;
        const people = Array.from({ length: 4 }, async () => {
          while (busy) if (!(await signUp())) await new Promise((resolve) => setTimeout(resolve, 50));
        });
        const ended = Promise.all(people);
        ended.catch(() => {});
        // The node is away for a second at least before its replica begins to take over.
        const whileAway = await crowd.call("readiness", "/readyz");
        expect(whileAway.status).toBe(503);
        expect(JSON.parse(whileAway.body)).toMatchObject({ checks: { database: "ok", kv: "unavailable" } });
        let served = 0;
        await waitUntil(
          async () => {
            const asked = await crowd.requestCode(`${mark}.again${number++}@example.com`);
            served = asked.status === 200 ? served + 1 : 0;
            return served >= 40;
          },
          30,
          "service after the promotion",
        );
        const ready = async () => (await crowd.call("readiness", "/readyz")).status === 200;
        await waitUntil(ready, 5, "readiness after the promotion");
        const before = accepted.length;
        const signUps = waitUntil(() => accepted.length >= before + 3, 120, "sign-ups after the promotion");
        // Somebody whom an error ended signs nobody up: that error is the one to tell.
        await Promise.race([signUps, ended]);
        busy = false;
        await ended;

        const refused = crowd.answers.filter((answer) => answer.status === 503);
        expect(refused.length).toBeGreaterThan(0);
        for (const answer of refused) expect(answer.retryAfter).toMatch(/^[1-9]\d*$/);
        expect(crowd.answers.filter((answer) => ![200, 201, 503].includes(answer.status))).toEqual([]);
        // A sign-up that succeeds may wait for a core to hash on; that is not this promise.
        const prompt = crowd.answers.filter(
          ({ what, status }) => ["code", "readiness"].includes(what) || status === 503,
        );
        const slowest = prompt.toSorted((a, b) => b.millis - a.millis)[0];
        expect(slowest?.millis, `${slowest?.what} ${slowest?.status}`).toBeLessThan(2000);
        const logIns = await Promise.all(accepted.map((id) => crowd.logIn(id)));
        expect(logIns.map((answer) => answer.status)).toEqual(accepted.map(() => 200));
        const missing = () =>
          promisedMails(crowd.answers).filter((email) => sink.mailsTo(email).length === 0);
        await waitUntil(() => missing().length === 0, 120, "every promised mail");
      },
    );
  });
} else notTested("PostgreSQL and Redis");
