import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import type { FastifyInstance } from "fastify";
import { Registry } from "prom-client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createLog } from "../kernel/log.ts";
import { createIsOwnHost } from "../kernel/own-addresses.ts";
import { serveMetrics } from "../observability/metrics.ts";
import { createSite } from "../site/site.ts";
import { ourWords } from "../words/words.ts";
import { createLoadMeter } from "./load-meter.ts";
import { createServer } from "./server.ts";

/** What is written on a connection, by the status it is answered with. Nothing in it is a page of ours. */
const host = "Host: 127.0.0.1\r\n";
const head = `${host}Connection: close\r\n`;
const json = (bytes: number) =>
  `Content-Type: application/json\r\nContent-Length: ${bytes}\r\n\r\n${"1".repeat(bytes)}`;
const refusals = [
  ["no HTTP at all", 400, "ERIKA\r\n\r\n"],
  ["a badly encoded path", 400, `GET /%zz HTTP/1.1\r\n${head}\r\n`],
  ["HTTP/1.1 without a Host", 400, "GET / HTTP/1.1\r\nConnection: close\r\n\r\n"],
  ["two lengths", 400, `POST / HTTP/1.1\r\n${host}Content-Length: 1\r\nContent-Length: 2\r\n\r\n1`],
  [
    "a length and chunks",
    400,
    `POST / HTTP/1.1\r\n${host}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
  ],
  ["a folded header", 400, `GET / HTTP/1.1\r\n${host} folded: x\r\n\r\n`],
  ["an unknown path", 404, `GET /nowhere HTTP/1.1\r\n${head}\r\n`],
  ["a path as long as headers may be", 404, `GET /${"a".repeat(15_000)} HTTP/1.1\r\n${head}\r\n`],
  ["TRACE", 404, `TRACE / HTTP/1.1\r\n${head}\r\n`],
  ["an expectation", 404, `GET /nowhere HTTP/1.1\r\n${head}Expect: wonders\r\n\r\n`],
  ["a body that is too large", 413, `POST /failing HTTP/1.1\r\n${head}${json(70_000)}`],
  ["another's name", 421, "GET / HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n"],
  ["too many headers", 431, `GET / HTTP/1.1\r\n${host}X: ${"a".repeat(20_000)}\r\n\r\n`],
  ["a failure", 500, `GET /failing HTTP/1.1\r\n${head}\r\n`],
] as const;
const required = {
  "x-content-type-options": "nosniff",
  "content-security-policy": expect.stringMatching(/^default-src 'none';.*frame-ancestors 'none'/),
  "referrer-policy": "no-referrer",
  "strict-transport-security": "max-age=31536000",
};

/** Writes it, and reads until the server closes. */
async function speak(server: FastifyInstance, bytes: string) {
  const client = connect((server.server.address() as AddressInfo).port, "127.0.0.1");
  client.on("error", () => {}).write(bytes);
  const [start = "", ...body] = (await text(client)).split("\r\n\r\n");
  const [line = "", ...lines] = start.split("\r\n");
  const headers = Object.fromEntries(lines.map((one) => one.toLowerCase().split(": ", 2)));
  return { status: Number(line.split(" ")[1]), headers, body: body.join("") };
}

function fail(): never {
  throw new Error("inside of the server");
}

async function startSite(distDir: string): Promise<FastifyInstance> {
  writeFileSync(join(distDir, "index.html"), "site");
  return createSite({
    distDir,
    publicApiUrl: "https://api.example.com",
    publicSiteUrl: "https://www.example.com",
  });
}

async function startApi(): Promise<FastifyInstance> {
  const api = await createServer({
    log: createLog("silent"),
    corsOrigins: [],
    corsHeaders: [],
    isListed: () => false,
    isOwnHost: createIsOwnHost(),
    cookieAuthenticator: async () => null,
    allowedHosts: [],
    trustProxy: false,
    authenticators: [],
    services: { authenticate: () => null },
    hasPermission: async () => false,
    expectRecent: async () => "now",
    isHttps: true,
    basePath: "",
    meter: createLoadMeter({ most: 1000, log: createLog("silent") }),
    words: ourWords,
  });
  return api as unknown as FastifyInstance;
}

describe("what no page of ours answers has the headers of every answer", () => {
  const dist = mkdtempSync(join(tmpdir(), "meiduo-site-"));
  const servers = {} as Record<"site" | "API", FastifyInstance>;
  beforeAll(async () => {
    Object.assign(servers, { site: await startSite(dist), API: await startApi() });
    for (const server of Object.values(servers)) {
      const config = { auth: "ignored" } as const;
      server.route({ method: ["GET", "POST"], url: "/failing", config, handler: fail });
      await server.listen({ host: "127.0.0.1", port: 0 });
    }
  });
  afterAll(async () => {
    await Promise.all(Object.values(servers).map((server) => server.close()));
    rmSync(dist, { recursive: true });
  });

  describe.each(["site", "API"] as const)("of the %s", (which) => {
    it.each(refusals)("%s, %d", async (_, status, bytes) => {
      const answer = await speak(servers[which], bytes);
      expect([answer.status, answer.body]).toEqual([status, expect.not.stringContaining("inside")]);
      expect(answer.headers).toMatchObject(required);
    });
  });
});

it("the numbers are no page either, nor is what is not there", async () => {
  const registry = new Registry();
  const server = await serveMetrics(registry, {
    ...{ host: "127.0.0.1", port: 0, ofApiProcesses: false, judgeHost: () => null },
  });
  try {
    const { port } = server.address() as AddressInfo;
    for (const [path, status] of [
      ["/metrics", 200],
      ["/nowhere", 404],
    ] as const) {
      const answer = await fetch(`http://127.0.0.1:${port}${path}`);
      await answer.text();
      const { "content-security-policy": policy, "x-content-type-options": sniffing } = required;
      expect([answer.status, answer.headers.get("x-content-type-options")]).toEqual([status, sniffing]);
      expect(answer.headers.get("content-security-policy")).toEqual(policy);
    }
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
});
