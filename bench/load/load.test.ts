import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { latenciesOf } from "./latencies.ts";
import { type ClosedLoop, type OpenLoop, type Request, runLoad } from "./load.ts";

let status = 200;
let isInPieces = false;
const asked: string[] = [];
const server = createServer(async (request, response) => {
  let body = "";
  for await (const chunk of request) body += chunk;
  asked.push([request.method, request.url, request.headers.authorization ?? "", body].join(" ").trim());
  if (isInPieces) {
    response.writeHead(status).write("a piece that ends like an answer: 0\r\n");
    response.write("another");
    response.end("the last");
  } else response.writeHead(status, { "content-length": 2 }).end("ok");
});
const folder = mkdtempSync(join(tmpdir(), "meiduo-load-"));

beforeAll(() => new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve)));
beforeEach(() => {
  status = 200;
  isInPieces = false;
  asked.length = 0;
});
afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true });
});

const load = (loop: ClosedLoop | OpenLoop, requests: readonly Request[], isWarmUp = false) => {
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  // Any machine sends four requests in a second, one after another.
  const seconds = loop.kind === "closed" ? 1 : 0.2;
  return runLoad({ origin, requests, loop, seconds, core: null, folder, firstNumber: 40, isWarmUp });
};

describe.each<ClosedLoop | OpenLoop>([
  { kind: "closed", connections: 1 },
  { kind: "open", perSecond: 20 },
])("%o", (loop) => {
  it("sends the requests in turn, with numbers that are never used twice", async () => {
    const { requests, errors } = await load(loop, [
      { path: "/new/{n}/" },
      { path: "/own/", headers: { Authorization: "JWT x" } },
      { path: "/log-in/", method: "POST", body: '{"name":"美多"}' },
    ]);
    expect([requests, errors]).toEqual([asked.length, 0]);
    expect(asked.slice(0, 4).sort()).toEqual(
      ["GET /new/41/", "GET /own/ JWT x", 'POST /log-in/  {"name":"美多"}', "GET /new/42/"].sort(),
    );
  });

  it("fails where an answer is not 2xx, but while it warms up", async () => {
    status = 429;
    await expect(load(loop, [{ path: "/" }])).rejects.toThrow(/\d+ of \d+ answers were not 2xx/);
    const { requests, errors } = await load(loop, [{ path: "/" }], true);
    expect(errors).toBe(requests);
  });
});

it("goes on in the list where the last load of it ended", async () => {
  const requests = ["/a/", "/b/", "/c/"].map((path) => ({ path }));
  for (let i = 0; i < 2; i++) await load({ kind: "open", perSecond: 20 }, requests);
  expect(asked.slice(0, 4).sort()).toEqual(["GET /a/", "GET /a/", "GET /b/", "GET /c/"]);
  expect(asked.slice(4).sort()).toEqual(["GET /a/", "GET /b/", "GET /b/", "GET /c/"]);
});

it("takes an answer in pieces for whole at its last one", async () => {
  isInPieces = true;
  const { requests, errors } = await load({ kind: "open", perSecond: 50 }, [{ path: "/" }]);
  expect([requests, errors]).toEqual([10, 0]);
});

it("an open loop sends what is scheduled, whatever the answers take", async () => {
  expect(await load({ kind: "open", perSecond: 500 }, [{ path: "/" }])).toMatchObject({ requests: 100 });
});

it("latencies are times that were measured", () => {
  const millis = Array.from({ length: 200 }, (_, i) => 200 - i);
  expect(latenciesOf(millis)).toEqual({ p50Millis: 100, p99Millis: 198, maxMillis: 200 });
  expect(latenciesOf([7])).toEqual({ p50Millis: 7, p99Millis: 7, maxMillis: 7 });
  expect(latenciesOf([])).toEqual({ p50Millis: 0, p99Millis: 0, maxMillis: 0 });
});
