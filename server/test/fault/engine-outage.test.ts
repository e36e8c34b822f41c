import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type EngineServer, startPostgres, startRedis } from "../support/engines.ts";
import { notTested } from "../support/not-tested.ts";
import { type ProductProcess, startProduct, waitUntil } from "../support/product-process.ts";
import { type SmtpSink, startSmtpSink } from "../support/smtp-sink.ts";
import { hasProductionEngines } from "../support/test-engines.ts";
import { codeInMail, promisedMails, visitors } from "../support/visitors.ts";

/** PostgreSQL and Redis of its own, an API process and a worker, visitors all the while. */
if (hasProductionEngines) {
  describe("an engine stops for five seconds under load", () => {
    let postgres: EngineServer;
    let redis: EngineServer;
    let sink: SmtpSink;
    let api: ProductProcess;
    let worker: ProductProcess;
    beforeAll(async () => {
      [postgres, redis, sink] = await Promise.all([startPostgres(), startRedis(), startSmtpSink()]);
    });
    afterAll(async () => {
      await Promise.all([postgres?.destroy(), redis?.destroy(), sink?.close()]);
    });
    beforeEach(async () => {
      const env = {
        ...{ DATABASE_URL: postgres.url, REDIS_URL: redis.url, SMTP_URL: sink.url },
        EMAIL_FROM: "accounts@meiduo.example",
        HASH_CONCURRENCY: "1",
      };
      api = await startProduct("serve", env);
      worker = await startProduct("work", env);
    });
    afterEach(async () => {
      await Promise.all([api?.stop(), worker?.stop()]);
    });

    test.each(["PostgreSQL", "Redis"] as const)(
      "%s away: no accepted sign-up and no promised mail is lost, no code works twice, 503 with Retry-After within 2 s, never a wrong 200, back within 5 s",
      async (name) => {
        const engine = name === "Redis" ? redis : postgres;
        const crowd = visitors(api.url);
        const mark = name.toLowerCase();
        const accepted: string[] = [];
        const codes = new Map<string, string>();
        let busy = true;
        let number = 0;
        async function visitor(): Promise<void> {
          while (busy) {
            const id = `${mark}${number++}`;
            const email = `${id}@example.com`;
            await crowd.count(id);
            if (accepted[0]) await crowd.call("known", `/users/usernames/${accepted[0]}/count/`);
            const asked = await crowd.requestCode(email);
            // Not faster than people: the refusals of an outage come at once.
            if (asked.status !== 200) {
              await new Promise((resolve) => setTimeout(resolve, 50));
              continue;
            }
            const code = await codeInMail(sink, email, 60);
            // As a person would, who reads "try again".
            const tried = await crowd.signUp(id, email, code);
            codes.set(id, code);
            if (tried.status === 201) accepted.push(id);
          }
        }
        const people = Array.from({ length: 6 }, visitor);
        const ended = Promise.all(people);
        // Where the test fails earlier, that is the failure to report.
        ended.catch(() => {});
        await waitUntil(() => accepted.length >= 8, 60, "sign-ups before the outage");

        const stoppedAt = performance.now();
        await engine.stop();
        await new Promise((resolve) => setTimeout(resolve, 5000));
        await engine.start();
        const backAt = performance.now();
        // What needs this engine works again: a code request needs Redis, a look-up PostgreSQL.
        await waitUntil(
          async () => (await crowd.requestCode(`${mark}.back${number++}@example.com`)).status === 200,
          5,
          "service after the outage",
        );
        await waitUntil(
          async () => (await crowd.count(`${mark}back`)).status === 200,
          5 - (performance.now() - backAt) / 1000 + 0.5,
          "look-ups after the outage",
        );
        const before = accepted.length;
        await waitUntil(() => accepted.length >= before + 3, 60, "sign-ups after the outage");
        busy = false;
        await ended;

        const statuses = new Set(crowd.answers.map((answer) => answer.status));
        expect([...statuses].filter((status) => ![200, 201, 400, 503].includes(status))).toEqual([]);
        const refused = crowd.answers.filter((answer) => answer.status === 503);
        expect(refused.length).toBeGreaterThan(0);
        for (const answer of refused) expect(answer.retryAfter).toMatch(/^[1-9]\d*$/);
        // Whatever was under way at any moment of it, also what was answered only afterwards.
        const during = crowd.answers.filter(({ at, millis }) => at > stoppedAt && at - millis < backAt);
        expect(Math.max(...during.map((answer) => answer.millis))).toBeLessThan(2000);
        // A look-up that found nobody because the database was away would be a wrong 200.
        const known = crowd.answers.filter(({ what, status }) => what === "known" && status === 200);
        expect(known.filter(({ body }) => !body.includes('"count":1'))).toEqual([]);
        const logIns = await Promise.all(accepted.map((id) => crowd.logIn(id)));
        expect(logIns.map((answer) => answer.status)).toEqual(accepted.map(() => 200));
        for (const id of accepted.slice(-8)) {
          const again = await crowd.signUp(`${id}again`, `${id}@example.com`, codes.get(id) as string);
          expect([again.status, again.body.includes("token")]).toEqual([400, false]);
        }
        const missing = () =>
          promisedMails(crowd.answers).filter((email) => sink.mailsTo(email).length === 0);
        await waitUntil(() => missing().length === 0, 30, "every promised mail");
      },
      180_000,
    );
  });
} else notTested("PostgreSQL and Redis");
