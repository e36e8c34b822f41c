import { Redis } from "ioredis";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { notTested } from "../support/not-tested.ts";
import {
  dataFolder,
  type ProductProcess,
  productSecretKey,
  startProduct,
  waitUntil,
} from "../support/product-process.ts";
import { runCommand } from "../support/run-command.ts";
import { type SmtpSink, startSmtpSink } from "../support/smtp-sink.ts";
import { freshPostgresUrl, freshRedisUrl, hasProductionEngines } from "../support/test-engines.ts";
import { codeInMail, visitors } from "../support/visitors.ts";

const otherKey = "another-secret-key-that-is-long-enough-0123";
const claimKey = "{meiduo}:installation";

if (hasProductionEngines) {
  describe("whose the database and Redis are", () => {
    let env: Record<string, string>;
    let sink: SmtpSink;
    let redis: Redis;
    const running: ProductProcess[] = [];
    beforeEach(async () => {
      sink = await startSmtpSink();
      env = {
        ...{ DATABASE_URL: await freshPostgresUrl(), REDIS_URL: await freshRedisUrl() },
        ...{ SECRET_KEY: productSecretKey, SMTP_URL: sink.url, EMAIL_FROM: "accounts@meiduo.example" },
      };
      redis = new Redis(env.REDIS_URL!);
    });
    afterEach(async () => {
      await Promise.all(running.splice(0).map((product) => product.stop()));
      await Promise.all([redis.quit(), sink.close()]);
    });
    async function start(command: string, over: Record<string, string> = {}): Promise<ProductProcess> {
      const product = await startProduct(command, { ...env, ...over });
      running.push(product);
      return product;
    }
    const manage = (verb: string, over: Record<string, string> = {}) =>
      runCommand(["installation", verb, "--yes", "--json"], { ...env, LANG: "en_US.UTF-8", ...over });
    const isReady = async (api: ProductProcess) => (await fetch(`${api.url}/readyz`)).status === 200;
    async function signsUp(api: ProductProcess, name: string): Promise<void> {
      const crowd = visitors(api.url);
      expect((await crowd.requestCode(`${name}@example.com`)).status).toBe(200);
      const code = await codeInMail(sink, `${name}@example.com`, 60);
      expect((await crowd.signUp(name, `${name}@example.com`, code)).status).toBe(201);
    }

    test("another installation's start is refused beside a running one, and told what to do; a prefix of its own serves", async () => {
      const api = await start("serve");
      await start("work");
      const other = { DATABASE_URL: await freshPostgresUrl() };
      for (const command of ["serve", "work", "jobs"]) {
        const { code, stdout, stderr } = await runCommand([command], { ...env, ...other, API_PORT: "0" });
        expect([code, stdout]).toEqual([1, ""]);
        expect(stderr).toMatch(/another installation's: set another REDIS_PREFIX/);
        expect(stderr.trim().split("\n")).toHaveLength(1);
      }
      const second = await start("serve", { ...other, REDIS_PREFIX: "second" });
      await start("work", { ...other, REDIS_PREFIX: "second" });
      await Promise.all([signsUp(api, "first1"), signsUp(second, "second1")]);
      expect(Number((await redis.keys("second:*")).length)).toBeGreaterThan(0);
    });

    test("a changed key is refused until it is taken over on purpose; then the old one is", async () => {
      await (await start("serve")).stop();
      running.length = 0;
      const changed = { SECRET_KEY: otherKey };
      const refused = await runCommand(["work"], { ...env, ...changed });
      expect(refused.code).toBe(1);
      expect(refused.stderr).toMatch(/SECRET_KEY is not the one .*take-over --yes/);
      const inChinese = await runCommand(["work"], { ...env, ...changed, LANG: "zh_CN.UTF-8" });
      expect(inChinese.stderr).toMatch(/SECRET_KEY 与此数据库一直使用的不同.*take-over --yes/);
      expect(JSON.parse((await manage("show", changed)).stdout)).toMatchObject({ database: "foreign" });

      const taken = await manage("take-over", changed);
      expect([taken.code, taken.stderr]).toEqual([0, ""]);
      await start("serve", changed);
      expect(JSON.parse((await manage("show", changed)).stdout)).toMatchObject({
        ...{ id: JSON.parse(taken.stdout).id, database: "own", redis: "own" },
      });
      expect((await runCommand(["work"], env)).code).toBe(1);
      const doctor = await runCommand(["doctor", "--json"], env);
      expect(JSON.parse(doctor.stdout)).toContainEqual(
        expect.objectContaining({ check: "installation", level: "fail" }),
      );
    });

    test("a copy of the database gets an id of its own, and then another's Redis is refused to it", async () => {
      await (await start("serve")).stop();
      running.length = 0;
      const { id } = JSON.parse((await manage("show")).stdout) as { id: string };
      const renewed = JSON.parse((await manage("renew")).stdout) as { id: string };
      expect(renewed.id).not.toBe(id);
      expect((await runCommand(["work"], env)).stderr).toMatch(/another installation's/);
      await start("work", { REDIS_PREFIX: "copy" });
    });

    test("a Redis that was flushed is claimed again by what runs, and not by who comes", async () => {
      const api = await start("serve");
      const owner = await redis.get(claimKey);
      expect(owner).toMatch(/^[0-9a-f-]{36} [\w-]{22}$/);
      await redis.flushdb();
      await waitUntil(async () => (await redis.get(claimKey)) === owner, 30, "the claim");
      const other = { ...env, DATABASE_URL: await freshPostgresUrl() };
      expect((await runCommand(["work"], other)).code).toBe(1);
      expect(await isReady(api)).toBe(true);
    });

    test("a worker whose Redis became another's rests and says so, and works again when it is its own", async () => {
      const api = await start("serve");
      const worker = await start("work");
      const owner = (await redis.get(claimKey)) as string;
      await redis.set(claimKey, "somebody else");
      await waitUntil(async () => !(await isReady(api)), 30, "not ready");
      const { checks } = (await (await fetch(`${api.url}/readyz`)).json()) as { checks: object };
      expect(checks).toMatchObject({ database: "ok", kv: "ok", installation: "unavailable" });
      await waitUntil(() => worker.output().includes("the worker rests"), 30, "the worker's word");
      // It takes what comes before its word at the latest, and nothing after.
      expect((await visitors(api.url).requestCode("resting@example.com")).status).toBe(200);
      await redis.set(claimKey, owner);
      await codeInMail(sink, "resting@example.com", 60);
      await waitUntil(() => isReady(api), 30, "ready");
    });
  });
} else notTested("PostgreSQL and Redis");

describe("the embedded database", () => {
  const folder = dataFolder();
  afterEach(() => folder.release());

  test("refuses another SECRET_KEY, and takes it when told to", async () => {
    const own = { DATA_DIR: folder.path, SECRET_KEY: productSecretKey };
    const changed = { ...own, SECRET_KEY: otherKey };
    expect((await runCommand(["migrate"], own)).code).toBe(0);
    expect((await runCommand(["jobs"], own)).code).toBe(0);
    expect((await runCommand(["jobs"], changed)).stderr).toMatch(/SECRET_KEY is not the one/);
    const asked = await runCommand(["installation", "take-over"], changed);
    expect([asked.code, asked.stdout]).toEqual([1, ""]);
    expect(asked.stderr).toMatch(/--yes/);
    expect((await runCommand(["installation", "take-over", "--yes"], changed)).code).toBe(0);
    expect((await runCommand(["jobs"], changed)).code).toBe(0);
    expect((await runCommand(["jobs"], own)).code).toBe(1);
  });
});
