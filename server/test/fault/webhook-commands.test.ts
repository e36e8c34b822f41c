import { spawnSync } from "node:child_process";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { resolve } from "node:path";
import { Webhook } from "standardwebhooks";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { bareEnvironment } from "../support/false-clock.ts";
import { freePort } from "../support/free-port.ts";
import {
  dataFolder,
  type ProductProcess,
  productSecretKey,
  startProduct,
  waitUntil,
} from "../support/product-process.ts";

/** `manage webhooks …`, each a process of its own as an operator runs it, beside a server that sends. */
const main = resolve(import.meta.dirname, "../../src/main.ts");
const folder = dataFolder();
const env = {
  ...{ DATA_DIR: folder.path, WEBHOOK_PRIVATE_HOSTS: "127.0.0.1" },
  WEB_PORT: String(await freePort()),
};
interface Got {
  readonly headers: Record<string, string>;
  readonly body: string;
}
let product: ProductProcess;
let receiver: Server;
let url: string;
let status = 204;
let got: Got[] = [];

beforeAll(async () => {
  receiver = createServer((request, response) => {
    let body = "";
    request.on("data", (piece) => {
      body += piece;
    });
    request.on("end", () => {
      got.push({ headers: request.headers as Record<string, string>, body });
      response.writeHead(status).end();
    });
  });
  await new Promise<void>((done) => receiver.listen(0, "127.0.0.1", done));
  url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/in`;
  product = await startProduct("start", env);
});
afterAll(async () => {
  await product?.stop();
  receiver.closeAllConnections();
  await new Promise((done) => receiver.close(done));
  folder.release();
});
afterEach(() => {
  status = 204;
  got = [];
});

function run(words: readonly string[], more: Record<string, string> = {}) {
  const ended = spawnSync(process.execPath, [main, "webhooks", ...words], {
    env: { ...bareEnvironment(), SECRET_KEY: productSecretKey, ...env, ...more },
    ...{ encoding: "utf8", timeout: 60_000 },
  });
  return { code: ended.status, stdout: ended.stdout, stderr: ended.stderr };
}
function manage(...words: string[]): string {
  const { code, stdout, stderr } = run(words);
  expect(code, stderr).toBe(0);
  return stdout;
}
const json = (...words: string[]) => JSON.parse(manage(...words, "--json"));
async function tested(id: number): Promise<Got> {
  got = [];
  manage("test", String(id));
  await waitUntil(() => got.length > 0, 20, "the test");
  return got[0]!;
}
const verifies = (secret: string, { body, headers }: Got) => {
  try {
    return new Webhook(secret).verify(body, headers) !== undefined;
  } catch {
    return false;
  }
};

it("rotate prints another secret, both sign for a day, and a second one is refused until --at-once", async () => {
  const { id, secret: first } = json("add", url);
  expect(manage("list")).not.toContain(first);
  const { secret: second } = json("rotate", String(id));
  const both = await tested(id);
  expect([first, second].map((secret) => verifies(secret, both))).toEqual([true, true]);
  const again = run(["rotate", String(id)]);
  expect([again.code, again.stdout]).toEqual([1, ""]);
  expect(again.stderr).toContain("UTC");
  expect(manage("list")).toContain("old secret until");
  const { secret: third } = json("rotate", String(id), "--at-once");
  const one = await tested(id);
  expect([first, second, third].map((secret) => verifies(secret, one))).toEqual([false, false, true]);
  manage("remove", String(id));
}, 240_000);

it("change switches off and on, and exchanges the events; what waited goes out", async () => {
  const { id } = json("add", url, "--event", "user.created");
  expect(json("change", String(id), "--off").state).toBe("off");
  manage("test", String(id));
  expect(json("deliveries", String(id))).toMatchObject([{ state: "waiting", attempts: 0 }]);
  expect(got).toEqual([]);
  const on = json("change", String(id), "--on", "--event", "user.deleted", "--event", "user.updated");
  expect(on).toMatchObject({ state: "on", events: ["user.deleted", "user.updated"] });
  await waitUntil(() => got.length === 1, 20, "what waited");
  expect(run(["change", String(id), "--event", "user.vanished"]).code).not.toBe(0);
  expect(json("list")).toMatchObject([{ id, events: ["user.deleted", "user.updated"] }]);
  manage("remove", String(id));
}, 240_000);

it("retry sends one again, of any outcome; one that is not there, or of no endpoint, is an error", async () => {
  const { id } = json("add", url);
  const first = await tested(id);
  await waitUntil(() => json("deliveries", String(id))[0].state === "delivered", 20, "the outcome");
  const [{ id: delivery }] = json("deliveries", String(id));
  got = [];
  expect(json("retry", String(id), String(delivery))).toEqual({ deliveries: 1 });
  await waitUntil(() => got.length === 1, 20, "the second time");
  expect(got[0]!.headers["webhook-id"]).toBe(first.headers["webhook-id"]);
  // Of those that were given up there are none.
  expect(json("retry", String(id))).toEqual({ deliveries: 0 });
  expect(run(["retry", String(id), "999999"]).code).toBe(1);
  expect(run(["retry", "999999"]).stderr).toContain("999999");
  manage("remove", String(id));
}, 240_000);

it("410 switches it off, which list shows; remove takes it away with what waits", async () => {
  const { id } = json("add", url);
  status = 410;
  await tested(id);
  await waitUntil(() => manage("list").includes("gone"), 20, "the state");
  expect(json("remove", String(id))).toEqual({ id });
  expect(json("list")).toEqual([]);
  const gone = run(["remove", String(id)]);
  expect([gone.code, gone.stderr.includes(String(id))]).toEqual([1, true]);
}, 240_000);

it("listen receives, verifies and prints until it is stopped, and leaves no endpoint", async () => {
  const port = await freePort();
  const words = ["listen", "--port", String(port), "--event", "user.created"];
  const listener = await startProduct("webhooks", env, { words, until: `127.0.0.1:${port}` });
  await waitUntil(() => json("list").length === 1, 20, "the endpoint");
  const [{ id, events }] = json("list");
  expect(events).toEqual(["user.created"]);
  const forged = await fetch(`http://127.0.0.1:${port}/`, {
    ...{ method: "POST", body: '{"type":"user.created","data":{"user_id":1}}' },
    headers: { "webhook-id": "msg_1", "webhook-timestamp": "1", "webhook-signature": "v1,AAAA" },
  });
  expect(forged.status).toBe(401);
  manage("test", String(id));
  await waitUntil(() => listener.output().includes('{"type":"webhook.test"'), 20, "the printed event");
  expect(listener.output()).not.toContain('"user_id":1');
  expect(await listener.stop()).toBe(0);
  expect(json("list")).toEqual([]);
}, 240_000);

it("listen removes what a killed one left, and ends at once where it can't have an endpoint", async () => {
  const port = await freePort();
  manage("add", `http://127.0.0.1:${port}/`);
  const [{ id: stale }] = json("list");
  const words = ["listen", "--port", String(port)];
  const listener = await startProduct("webhooks", env, { words, until: `127.0.0.1:${port}` });
  await waitUntil(() => json("list")[0]?.id !== stale, 20, "the new endpoint");
  expect(json("list")).toHaveLength(1);
  expect(await listener.stop()).toBe(0);
  expect(json("list")).toEqual([]);
  const { code, stderr } = run([...words, "--event", "user.nothing"]);
  expect([code, stderr]).toEqual([expect.any(Number), expect.stringContaining("user.nothing")]);
}, 240_000);

it("listen is refused in production, where no endpoint may lead to the server's own machine", async () => {
  const production = {
    ...{ ENVIRONMENT: "production", WEBHOOK_PRIVATE_HOSTS: "" },
    ...{ SMTP_URL: "smtp://127.0.0.1:1", CORS_ORIGIN_WHITELIST: "https://www.meiduo.com" },
    ...{ PUBLIC_SITE_URL: "https://www.meiduo.com", PUBLIC_API_URL: "https://api.meiduo.com" },
  };
  const { code, stderr } = run(["listen", "--port", String(await freePort())], production);
  expect([code, stderr]).toEqual([
    1,
    expect.stringMatching(/listen.*(development|开发)|开发|生产环境不能用 listen/),
  ]);
}, 120_000);
