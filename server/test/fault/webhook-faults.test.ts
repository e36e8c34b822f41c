import { spawnSync } from "node:child_process";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { resolve } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { createSender } from "../../src/webhooks/send-delivery.ts";
import { bareEnvironment } from "../support/false-clock.ts";
import { dataFolder, productSecretKey, startProduct, waitUntil } from "../support/product-process.ts";

/** Real processes and a receiver that is slow, gone, or leads elsewhere. */
const main = resolve(import.meta.dirname, "../../src/main.ts");
type Behaviour = (request: IncomingMessage, response: ServerResponse) => void;
let receiver: Server;
let base: string;
let got: { readonly id: string; readonly path: string }[] = [];
let behave: Behaviour;
const ok: Behaviour = (_, response) => void response.writeHead(204).end();

beforeAll(async () => {
  receiver = createServer((request, response) => {
    got.push({ id: String(request.headers["webhook-id"]), path: request.url! });
    request.resume().on("end", () => behave(request, response));
  });
  await new Promise<void>((done) => receiver.listen(0, "127.0.0.1", done));
  base = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`;
});
afterAll(async () => {
  receiver.closeAllConnections();
  await new Promise((done) => receiver.close(done));
});
beforeEach(() => {
  got = [];
  behave = ok;
});

function manage(env: Record<string, string>, ...words: string[]): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, "webhooks", ...words], {
    env: { ...bareEnvironment(), SECRET_KEY: productSecretKey, ...env },
    encoding: "utf8",
  });
  expect(status, stderr).toBe(0);
  return stdout;
}

it("a process killed while it sends: another sends it again, by the same id; a slow receiver holds nobody up", async () => {
  const folder = dataFolder();
  const env = { DATA_DIR: folder.path, WEBHOOK_PRIVATE_HOSTS: "127.0.0.1" };
  let product = await startProduct("start", env);
  try {
    const { id } = JSON.parse(manage(env, "add", `${base}/slow`, "--json"));
    const other = JSON.parse(manage(env, "add", `${base}/other`, "--json"));
    // Never answers.
    behave = (request, response) => (request.url === "/slow" ? undefined : ok(request, response));
    manage(env, "test", String(id));
    await waitUntil(() => got.length === 1, 30, "the first attempt");
    manage(env, "test", String(other.id));
    await waitUntil(() => got.some(({ path }) => path === "/other"), 10, "the other endpoint's");
    await product.kill();
    behave = ok;
    product = await startProduct("start", env);
    await waitUntil(() => got.filter(({ path }) => path === "/slow").length === 2, 90, "the second attempt");
    const slow = got.filter(({ path }) => path === "/slow");
    expect(slow[1]!.id).toBe(slow[0]!.id);
    await waitUntil(() => manage(env, "deliveries", String(id)).includes("delivered"), 20, "the outcome");
  } finally {
    await product.stop();
    folder.release();
  }
}, 240_000);

const message = (url: string) => ({ url, id: "msg_1", body: "{}", seconds: 1, secrets: [Buffer.alloc(32)] });
const straight = { outgoingProxy: { http: "", https: "", except: "" } };
const never = new AbortController().signal;

it("a redirect to this machine is not followed", async () => {
  behave = (_, response) => void response.writeHead(307, { location: `${base}/secret` }).end();
  const sender = createSender({ ...straight, webhookPrivateHosts: ["127.0.0.1"] });
  const attempt = await sender.send(message(`${base}/in`), never);
  await sender.close();
  expect([attempt.status, got.map(({ path }) => path)]).toEqual([307, ["/in"]]);
});

it("a name that leads to a private address, alone, among public ones, or only at the second look, is not connected to", async () => {
  const { port } = receiver.address() as AddressInfo;
  const answers: string[][] = [
    ["127.0.0.1"],
    ["93.184.216.34", "127.0.0.1"],
    ["::ffff:127.0.0.1"],
    ["10.0.0.1"],
  ];
  const looked: string[] = [];
  const sender = createSender({
    ...{ ...straight, webhookPrivateHosts: [] },
    lookup(hostname, _options, done) {
      looked.push(hostname);
      const found = answers.shift() ?? ["127.0.0.1"];
      done(
        null,
        found.map((address) => ({ address, family: address.includes(":") ? 6 : 4 })),
      );
    },
  });
  for (let n = 0; n < 5; n++) {
    const attempt = await sender.send(message(`http://shop.example:${port}/in`), never);
    expect(attempt).toMatchObject({ status: null, error: expect.stringContaining("is no public address") });
  }
  await sender.close();
  expect([looked.length, got]).toEqual([5, []]);
});

it.each(["127.0.0.1", "2130706433", "0x7f.1", "0177.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "0", "localhost"])(
  "%s is not connected to, however it was written",
  async (host) => {
    const { port } = receiver.address() as AddressInfo;
    const sender = createSender({ ...straight, webhookPrivateHosts: [] });
    const attempt = await sender.send(message(`http://${host}:${port}/in`), never);
    await sender.close();
    expect([attempt.status, got]).toEqual([null, []]);
    expect(attempt.error).toContain("is no public address");
  },
);

it("of an answer no more than 4 KB is read, and a receiver that hangs up is a failure", async () => {
  behave = (_, response) => void response.writeHead(200).end("x".repeat(5_000_000));
  const sender = createSender({ ...straight, webhookPrivateHosts: ["127.0.0.1"] });
  const long = await sender.send(message(`${base}/in`), never);
  behave = (request) => void request.socket.destroy();
  const cut = await sender.send(message(`${base}/in`), never);
  await sender.close();
  expect([long.status, long.answer?.length]).toEqual([200, 4096]);
  expect([cut.status, cut.error === null]).toEqual([null, false]);
});
