import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type EngineServer, startPostgres, startRedis } from "../support/engines.ts";
import { freePort } from "../support/free-port.ts";
import { hasNginx, type Nginx, startNginx } from "../support/nginx.ts";
import { notTested } from "../support/not-tested.ts";
import { type ProductProcess, startProduct } from "../support/product-process.ts";
import { hasProductionEngines } from "../support/test-engines.ts";
import { type Answer, visitors } from "../support/visitors.ts";

/** Two processes behind the nginx of deploy/, restarted in turn while visitors go on: nobody may notice. */
if (hasNginx && hasProductionEngines) {
  describe("a rolling restart under load", () => {
    let postgres: EngineServer;
    let redis: EngineServer;
    let nginx: Nginx;
    let urls: { api: string; site: string };
    const running: ProductProcess[] = [];
    const ports: { api: string; site: string }[] = [];

    const start = (index: number) =>
      startProduct("web", {
        ...{ DATABASE_URL: postgres.url, REDIS_URL: redis.url, TRUST_PROXY: "1" },
        ...{ API_PORT: ports[index]!.api, WEB_PORT: ports[index]!.site, SANDBOX_PORT: "" },
      });

    beforeAll(async () => {
      [postgres, redis] = await Promise.all([startPostgres(), startRedis()]);
      for (let i = 0; i < 2; i++)
        ports.push({ api: String(await freePort()), site: String(await freePort()) });
      for (let i = 0; i < 2; i++) running.push(await start(i));
      const [api, site] = [await freePort(), await freePort()];
      const servers = (part: "api" | "site") =>
        ports.map((port) => `server 127.0.0.1:${port[part]} $1;`).join(" ");
      const blocks = readFileSync(resolve(import.meta.dirname, "../../../deploy/nginx/compose.conf"), "utf8")
        .replaceAll(/server api:8000 resolve (.*);/g, servers("api"))
        .replaceAll(/server api:8080 resolve (.*);/g, servers("site"))
        .replace("listen 8000;", `listen 127.0.0.1:${api};`)
        .replace("listen 8080;", `listen 127.0.0.1:${site};`);
      urls = { api: `http://127.0.0.1:${api}`, site: `http://127.0.0.1:${site}` };
      nginx = await startNginx(blocks, `${urls.api}/healthz`);
    }, 180_000);
    afterAll(async () => {
      await Promise.all([nginx?.stop(), ...running.map((process) => process.stop())]);
      await Promise.all([postgres?.destroy(), redis?.destroy()]);
    });

    test("drops no request, neither of the API nor of the site", async () => {
      const [crowd, readers] = [visitors(urls.api), visitors(urls.site)];
      let restarting = true;
      const unanswered: unknown[] = [];
      let number = 0;
      const visit = async (ask: () => Promise<Answer>) => {
        while (restarting) await ask().catch((error: unknown) => unanswered.push(error));
      };
      const load = [
        ...Array.from({ length: 6 }, () => visit(() => crowd.count(`visitor${++number}`))),
        // Not safe to repeat: what nginx may not send to the other process.
        ...Array.from({ length: 2 }, () =>
          visit(() => crowd.call("sign-up", "/users/", { username: `visitor${++number}` })),
        ),
        ...Array.from({ length: 2 }, () => visit(() => readers.call("page", "/login"))),
      ];
      for (const index of [0, 1, 0, 1, 0, 1]) {
        expect(await running[index]!.stop()).toBe(0);
        running[index] = await start(index);
      }
      restarting = false;
      await Promise.all(load);
      expect(unanswered).toEqual([]);
      const unexpected = [...crowd.answers, ...readers.answers].filter(
        ({ what, status }) => status !== (what === "sign-up" ? 400 : 200),
      );
      expect(unexpected.map(({ what, status, body }) => [what, status, body.slice(0, 80)])).toEqual([]);
      expect(crowd.answers.length).toBeGreaterThan(100);
    });
  });
} else notTested("nginx, PostgreSQL and Redis (apt-get install nginx postgresql redis-server)");
