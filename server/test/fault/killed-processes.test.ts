import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { childrenOf, type EngineServer, startPostgres, startRedis } from "../support/engines.ts";
import { notTested } from "../support/not-tested.ts";
import { startProduct, waitUntil } from "../support/product-process.ts";
import { type SmtpSink, startSmtpSink } from "../support/smtp-sink.ts";
import { hasProductionEngines } from "../support/test-engines.ts";
import { codeInMail, promisedMails, visitors } from "../support/visitors.ts";

if (hasProductionEngines) {
  describe("processes killed with SIGKILL", () => {
    let postgres: EngineServer;
    let redis: EngineServer;
    let sink: SmtpSink;
    let env: Record<string, string>;
    /** While set, the mail server has taken a mail and keeps its answer back. */
    let hold: Promise<void> | null = null;
    let held = 0;
    beforeAll(async () => {
      const beforeAccept = async () => {
        if (!hold) return;
        held += 1;
        await hold;
      };
      [postgres, redis, sink] = await Promise.all([
        startPostgres(),
        startRedis(),
        startSmtpSink({ beforeAccept }),
      ]);
      env = {
        ...{ DATABASE_URL: postgres.url, REDIS_URL: redis.url, SMTP_URL: sink.url },
        ...{ EMAIL_FROM: "accounts@meiduo.example", HASH_CONCURRENCY: "1" },
      };
    });
    afterAll(async () => {
      await Promise.all([postgres?.destroy(), redis?.destroy(), sink?.close()]);
    });

    test.each([4, 1])(
      "a worker killed while sending over SMTP_CONNECTIONS=%i: its mails are sent by another, at most that many twice and none thrice",
      async (connections) => {
        // A queue of its own.
        const own = {
          ...env,
          REDIS_URL: `${redis.url}/${connections}`,
          SMTP_CONNECTIONS: String(connections),
        };
        const api = await startProduct("serve", own);
        const doomed = await startProduct("work", own);
        const crowd = visitors(api.url);
        const addresses = Array.from({ length: 10 }, (_, i) => `killed${i}.${connections}@example.com`);
        let release = () => {};
        hold = new Promise((resolve) => {
          release = resolve;
        });
        const before = held;
        for (const email of addresses) expect((await crowd.requestCode(email)).status).toBe(200);
        // The worst moment: every connection has handed a mail over and waits for the answer.
        await waitUntil(() => held - before >= connections, 20, "a mail under way on each connection");
        await doomed.kill();
        expect(held - before).toBe(connections);
        hold = null;
        release();
        const other = await startProduct("work", own);
        await waitUntil(
          () => addresses.every((email) => sink.mailsTo(email).length > 0),
          60,
          "every promised mail",
        );
        // Nothing is left that could still send one.
        const done = /waiting 0 · running 0 · done 10 · dead 0/;
        await waitUntil(
          async () => done.test((await startProduct("jobs", own, { until: "dead" })).output()),
          60,
          "an empty queue",
        );
        const copies = addresses.map((email) => sink.mailsTo(email).length);
        expect(Math.max(...copies)).toBeLessThanOrEqual(2);
        const twice = copies.filter((count) => count > 1).length;
        expect(twice).toBeGreaterThan(0);
        expect(twice).toBeLessThanOrEqual(connections);
        await Promise.all([api.stop(), other.stop()]);
      },
    );

    test("an API process killed: its port keeps serving, no accepted sign-up and no promised mail is lost", async () => {
      const api = await startProduct("serve", { ...env, WEB_CONCURRENCY: "2" });
      const worker = await startProduct("work", env);
      const crowd = visitors(api.url);
      const accepted: string[] = [];
      let busy = true;
      let number = 0;
      const people = Array.from({ length: 4 }, async () => {
        while (busy) {
          const id = `apikill${number++}`;
          const email = `${id}@example.com`;
          try {
            if ((await crowd.requestCode(email)).status !== 200) continue;
            const code = await codeInMail(sink, email, 30);
            if ((await crowd.signUp(id, email, code)).status === 201) accepted.push(id);
          } catch (error) {
            // The connection broke with its process; what it was asked for was never promised.
            if (!(error instanceof TypeError)) throw error;
          }
        }
      });
      const ended = Promise.all(people);
      // Where the test fails earlier, that is the failure to report.
      ended.catch(() => {});
      for (let round = 0; round < 3; round++) {
        const before = accepted.length;
        await waitUntil(() => accepted.length >= before + 3, 60, "sign-ups");
        const [victim] = childrenOf(api.pid);
        process.kill(victim as number, "SIGKILL");
        const serves = `"replaced":${victim},`;
        await waitUntil(() => api.output().includes(serves), 30, "a replacement that serves");
      }
      busy = false;
      await ended;
      expect(accepted.length).toBeGreaterThanOrEqual(9);
      for (const id of accepted) expect((await crowd.logIn(id)).status).toBe(200);
      const missing = () => promisedMails(crowd.answers).filter((email) => sink.mailsTo(email).length === 0);
      await waitUntil(() => missing().length === 0, 30, "every promised mail");
      expect(crowd.answers.filter((answer) => answer.status >= 500)).toEqual([]);
      expect(await api.stop()).toBe(0);
      expect(childrenOf(api.pid)).toEqual([]);
      await worker.stop();
    });

    test("a graceful stop finishes the mail in hand and leaves with exit code 0", async () => {
      const api = await startProduct("serve", env);
      const worker = await startProduct("work", env);
      const crowd = visitors(api.url);
      let release = () => {};
      hold = new Promise((resolve) => {
        release = resolve;
      });
      const before = held;
      expect((await crowd.requestCode("graceful@example.com")).status).toBe(200);
      await waitUntil(() => held > before, 20, "a mail under way");
      const stopped = worker.stop();
      hold = null;
      release();
      expect(await stopped).toBe(0);
      expect(sink.mailsTo("graceful@example.com")).toHaveLength(1);
      expect(await api.stop()).toBe(0);
    });
  });
} else notTested("PostgreSQL and Redis");
