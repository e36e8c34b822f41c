import { createServer, type Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { text } from "node:stream/consumers";
import { expect, it } from "vitest";
import { ourWords } from "../words/words.ts";
import { createClientErrorHandler } from "./client-error.ts";

async function listen(server: Server): Promise<number> {
  server.listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  return (server.address() as AddressInfo).port;
}

it("nothing is written into an answer on its way, whose body it would pass for", async () => {
  const server = createServer((_request, response) => void response.write("half of an answer"));
  server.on("clientError", createClientErrorHandler({ info() {} } as never, {}, ourWords));
  const client = connect(await listen(server), "127.0.0.1").on("error", () => {});
  client.setEncoding("utf8");
  try {
    client.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    let received = "";
    for await (const chunk of client) {
      if (received === "") client.write("NONSENSE\r\n\r\n");
      received += chunk;
    }
    expect(received).toMatch(/^HTTP\/1\.1 200 OK\r\n.*half of an answer\r\n$/s);
  } finally {
    server.close();
  }
});

it("a request that takes too long to arrive is answered with 408 in our shape", async () => {
  const logged: unknown[] = [];
  const log = { info: (details: unknown) => void logged.push(details) } as never;
  // Node's own clock for it, set short: the product gives 30 s.
  const server = createServer({ headersTimeout: 50, requestTimeout: 50, connectionsCheckingInterval: 20 });
  server.on("clientError", createClientErrorHandler(log, { "x-frame-options": "DENY" }, ourWords));
  try {
    const client = connect(await listen(server), "127.0.0.1");
    client.write("POST /users/ HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{");
    const answer = await text(client);
    expect(answer).toMatch(/^HTTP\/1\.1 408 Request Timeout\r\n/);
    expect(answer).toContain("\r\nx-frame-options: DENY\r\n");
    const [, body = ""] = answer.split("\r\n\r\n");
    expect(JSON.parse(body).detail).toMatch(/[\u4e00-\u9fff]/);
    expect(answer).toContain(`\r\nContent-Length: ${Buffer.byteLength(body)}\r\n`);
    expect(logged).toEqual([{ status: 408, reason: "ERR_HTTP_REQUEST_TIMEOUT", route: "(none)" }]);
  } finally {
    server.close();
  }
});
