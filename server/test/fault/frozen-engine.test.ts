import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type EngineServer, startPostgres, startRedis } from "../support/engines.ts";
import { notTested } from "../support/not-tested.ts";
import { startProduct, waitUntil } from "../support/product-process.ts";
import { type SmtpSink, startSmtpSink } from "../support/smtp-sink.ts";
import { hasProductionEngines } from "../support/test-engines.ts";
import { visitors } from "../support/visitors.ts";

/** An engine that hangs is worse than one that is gone: its connections stay open and nothing ever answers. */
if (hasProductionEngines) {
  describe("an engine hangs (SIGSTOP)", () => {
    let postgres: EngineServer;
    let redis: EngineServer;
    let sink: SmtpSink;
    let env: Record<string, string>;
    beforeAll(async () => {
      [postgres, redis, sink] = await Promise.all([startPostgres(), startRedis(), startSmtpSink()]);
      env = {
        ...{ DATABASE_URL: postgres.url, REDIS_URL: redis.url, SMTP_URL: sink.url },
        EMAIL_FROM: "accounts@meiduo.example",
      };
    });
    afterAll(async () => {
      await Promise.all([postgres?.destroy(), redis?.destroy(), sink?.close()]);
    });
    const engineOf = (name: string) => (name === "Redis" ? redis : postgres);

    test.each(["PostgreSQL", "Redis"])(
      "%s: 503 with Retry-After within 2 s, never a hang, never a wrong 200, back within 5 s",
      async (name) => {
        const engine = engineOf(name);
        const api = await startProduct("serve", env);
        const crowd = visitors(api.url);
        const mark = `frozen${name.toLowerCase()}`;
        const ask = async (id: string) => [
          await crowd.count(id),
          await crowd.logIn(id),
          await crowd.requestCode(`${id}@example.com`),
        ];
        const readiness = () => crowd.call("readiness", "/readyz");
        const before = [...(await ask(`${mark}a`)), await readiness()];
        expect(before.map((answer) => answer.status)).toEqual([200, 400, 200, 200]);

        engine.freeze();
        try {
          const many = Array.from({ length: 8 }, (_, i) => ask(`${mark}b${i}`));
          // An answer of readiness is given again for two seconds: the one from before the engine hung, too.
          await waitUntil(async () => (await readiness()).status === 503, 5, "readiness that says so");
          const looks = Array.from({ length: 8 }, readiness);
          const during = (await Promise.all([...many, Promise.all(looks)])).flat();
          expect(Math.max(...during.map((answer) => answer.millis))).toBeLessThan(2000);
          const needs = (what: string) => (name === "PostgreSQL" ? what !== "code" : what !== "count");
          for (const answer of during.filter(({ what }) => needs(what))) {
            expect([answer.what, answer.status]).toEqual([answer.what, 503]);
            expect(answer.retryAfter).toMatch(/^[1-9]\d*$/);
          }
          expect(during.find(({ what }) => what === "readiness")?.body).toContain(
            name === "PostgreSQL" ? '"database":"unavailable"' : '"kv":"unavailable"',
          );
        } finally {
          engine.thaw();
        }
        await waitUntil(async () => (await crowd.count(`${mark}c`)).status === 200, 5, "look-ups");
        let number = 0;
        const code = async () => (await crowd.requestCode(`${mark}c${number++}@example.com`)).status === 200;
        await waitUntil(code, 5, "code requests");
        expect(await api.stop()).toBe(0);
      },
    );

    test.each([
      ["serve", "PostgreSQL"],
      ["serve", "Redis"],
      ["work", "PostgreSQL"],
      ["work", "Redis"],
    ])("%s stops within its limit while %s hangs", async (command, name) => {
      const product = await startProduct(command, env);
      if (command === "serve") await visitors(product.url).requestCode(`stop${name}@example.com`);
      engineOf(name).freeze();
      try {
        const began = performance.now();
        expect(await product.stop()).toBe(0);
        expect(performance.now() - began).toBeLessThan(10_000);
      } finally {
        engineOf(name).thaw();
      }
    });

    test.each(["serve", "work"])("%s stops within its limit when both engines are gone", async (command) => {
      const product = await startProduct(command, env);
      if (command === "serve") await visitors(product.url).requestCode("gone@example.com");
      await Promise.all([postgres.stop(), redis.stop()]);
      try {
        const began = performance.now();
        expect(await product.stop()).toBe(0);
        expect(performance.now() - began).toBeLessThan(10_000);
      } finally {
        await Promise.all([postgres.start(), redis.start()]);
      }
    });
  });
} else notTested("PostgreSQL and Redis");
