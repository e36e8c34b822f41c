import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type EngineServer, startPostgres, startRedis } from "../support/engines.ts";
import { freePort } from "../support/free-port.ts";
import { hasNginx, type Nginx, startNginx } from "../support/nginx.ts";
import { notTested } from "../support/not-tested.ts";
import { type ProductProcess, startProduct, waitUntil } from "../support/product-process.ts";
import { hasProductionEngines } from "../support/test-engines.ts";
import { type Answer, visitors } from "../support/visitors.ts";

/** deploy/nginx/compose.conf as it is, with the addresses of this test, before two API processes on one PostgreSQL and Redis. */
if (hasNginx && hasProductionEngines) {
  describe("two API processes behind the nginx of deploy/", () => {
    let postgres: EngineServer;
    let redis: EngineServer;
    let api: [ProductProcess, ProductProcess];
    let nginx: Nginx;
    let url: string;
    beforeAll(async () => {
      [postgres, redis] = await Promise.all([startPostgres(), startRedis()]);
      const env = {
        ...{ DATABASE_URL: postgres.url, REDIS_URL: redis.url, TRUST_PROXY: "1" },
        LOGIN_FAILURE_LIMIT_PER_CLIENT: "3",
      };
      api = [await startProduct("serve", env), await startProduct("serve", env)];
      const [first, second] = api.map((process) => new URL(process.url).host);
      const [apiPort, sitePort] = [await freePort(), await freePort()];
      const blocks = readFileSync(resolve(import.meta.dirname, "../../../deploy/nginx/compose.conf"), "utf8")
        // Only nginx from 1.27 resolves names of an upstream again, and "api" is a name of compose's network.
        .replaceAll(/server api:\d+ resolve (.*);/g, `server ${first} $1; server ${second} $1;`)
        .replace("listen 8000;", `listen 127.0.0.1:${apiPort};`)
        .replace("listen 8080;", `listen 127.0.0.1:${sitePort};`);
      url = `http://127.0.0.1:${apiPort}`;
      nginx = await startNginx(blocks, `${url}/healthz`);
    });
    afterAll(async () => {
      await Promise.all([nginx?.stop(), ...(api ?? []).map((process) => process.stop())]);
      await Promise.all([postgres?.destroy(), redis?.destroy()]);
    });

    const expectRefusals = (answers: readonly Answer[]) => {
      for (const answer of answers) {
        expect([answer.status, answer.body.includes("nginx")]).toEqual([503, false]);
        expect(answer.retryAfter).toMatch(/^[1-9]\d*$/);
        expect(answer.millis).toBeLessThan(2000);
      }
    };

    test.each(["PostgreSQL", "Redis"] as const)(
      "%s away: the product's own 503 with Retry-After within 2 s arrives, never nginx's 502; back within 5 s",
      async (name) => {
        const engine = name === "Redis" ? redis : postgres;
        const crowd = visitors(url);
        let number = 0;
        const ask = () => {
          number += 1;
          return name === "Redis"
            ? crowd.requestCode(`nginx${number}@example.com`)
            : crowd.count(`nginx${number}`);
        };
        expect((await ask()).status).toBe(200);
        await engine.stop();
        try {
          // One after the other and at once: nginx counts what it takes for failures of a process.
          const answers = [];
          for (let i = 0; i < 12; i++) answers.push(await ask());
          answers.push(...(await Promise.all(Array.from({ length: 12 }, ask))));
          expectRefusals(answers);
        } finally {
          await engine.start();
        }
        // Six in a row: both processes are back.
        let served = 0;
        const back = async () => {
          served = (await ask()).status === 200 ? served + 1 : 0;
          return served === 6;
        };
        await waitUntil(back, 5, "service of both");
      },
    );

    test("a log-in limit counts the visitor's address, whatever X-Forwarded-For claims", async () => {
      const statuses = [];
      for (let i = 0; i < 6; i++) {
        const answer = await fetch(`${url}/users/authorizations/`, {
          method: "POST",
          headers: { "content-type": "application/json", "x-forwarded-for": `203.0.113.${i}` },
          body: JSON.stringify({ username: `nobody${i}`, password: "wrong-password-42" }),
        });
        statuses.push(answer.status);
      }
      expect(statuses).toEqual([400, 400, 400, 429, 429, 429]);
    });

    test("an API process killed: the other answers every request at once, log-ins too", async () => {
      await api[0].kill();
      const crowd = visitors(url);
      for (let i = 0; i < 8; i++) {
        expect((await crowd.count(`alone${i}`)).status).toBe(200);
        expect((await crowd.requestCode(`alone${i}@example.com`)).status).toBe(200);
        // Refused for its password or by the limit of the test before, and by the product.
        expect([400, 429]).toContain((await crowd.logIn(`alone${i}`)).status);
      }
      expect(Math.max(...crowd.answers.map((answer) => answer.millis))).toBeLessThan(2000);
    });
  });
} else notTested("nginx, PostgreSQL and Redis (apt-get install nginx postgresql redis-server)");
