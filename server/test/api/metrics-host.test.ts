import { type AddressInfo, connect } from "node:net";
import { text } from "node:stream/consumers";
import { Registry } from "prom-client";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createMetricsHostJudge } from "../../src/http/host-check.ts";
import { serveMetrics } from "../../src/observability/metrics.ts";

let server: Awaited<ReturnType<typeof serveMetrics>>;
const warned: object[] = [];
beforeAll(async () => {
  const log = { warn: (details: object) => void warned.push(details) };
  server = await serveMetrics(new Registry(), {
    ...{ host: "127.0.0.1", port: 0, ofApiProcesses: false },
    judgeHost: createMetricsHostJudge({ allowedHosts: ["api", "www.meiduo.com"], log }, "Shop-3"),
  });
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

async function ask(bytes: string): Promise<string> {
  const client = connect((server.address() as AddressInfo).port, "127.0.0.1");
  client.on("error", () => {}).write(bytes);
  return text(client);
}
const get = (...hosts: string[]) =>
  ask(
    `GET /metrics HTTP/1.1\r\n${hosts.map((host) => `Host: ${host}\r\n`).join("")}Connection: close\r\n\r\n`,
  );
const statusOf = (answer: string) => Number(answer.split(" ")[1]);

it.each([
  ["this machine's loopback", "localhost:9464"],
  ["an address, whoever's: a pod is reached by its own", "10.1.2.3:9464"],
  ["an IPv6 address", "[2001:db8::7]:9464"],
  ["the machine's own name", "shop-3:9464"],
  ["a name of ALLOWED_HOSTS, as a service has in compose", "api:9464"],
  ["a public name", "www.meiduo.com"],
])("answers under %s", async (_, host) => {
  expect(statusOf(await get(host))).toBe(200);
});

it.each(["evil.example", "api.evil.example", "10.1.2.3.evil.example", "shop-3.evil.example"])(
  "a stranger's name that leads here (%s) reads nothing, and the log says how to allow it",
  async (host) => {
    const answer = await get(host);
    expect(statusOf(answer)).toBe(421);
    expect(answer).toMatch(/x-content-type-options: nosniff/i);
    expect(answer).not.toContain(host);
    expect(warned).toContainEqual({ host });
  },
);

it.each([
  ["two Hosts", () => get("127.0.0.1", "127.0.0.1")],
  ["an allowed one before another", () => get("127.0.0.1", "evil.example")],
  ["none", () => get()],
  ["HTTP/0.9", () => ask("GET /metrics HTTP/0.9\r\nConnection: close\r\n\r\n")],
])("%s is a bad request", async (_, answer) => {
  const said = await answer();
  expect(statusOf(said)).toBe(400);
  expect(said).toMatch(/x-content-type-options: nosniff/i);
});
