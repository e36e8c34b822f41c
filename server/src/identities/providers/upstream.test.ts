import { createServer, type RequestListener, type Server } from "node:http";
import { type AddressInfo, createServer as createTcpServer } from "node:net";
import { afterEach, expect, test } from "vitest";
import { troubleOf } from "../../../test/support/trouble-of.ts";
import { createUpstream, type Upstream, type UpstreamCall } from "./upstream.ts";

const opened: { close(): unknown }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0)) await one.close();
});

async function serve(listener: RequestListener): Promise<string> {
  const server: Server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  opened.push({
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function upstream(changes: Partial<Parameters<typeof createUpstream>[0]> = {}): Upstream {
  const made = createUpstream({
    // As long as a busy machine needs; tests of the limit set their own.
    timeoutMillis: 15_000,
    connectTimeoutMillis: 10_000,
    maxBytes: 64 * 1024,
    proxy: { http: "", https: "", except: "" },
    ...changes,
  });
  opened.push(made);
  return made;
}

const call = (url: string, repeatable = false): UpstreamCall => ({
  step: "token",
  method: "GET",
  url,
  repeatable,
});

test("an answer comes back with status and UTF-8 text, whatever its Content-Type says", async () => {
  const url = await serve((_, response) => {
    response.setHeader("content-type", "text/plain");
    response.end(Buffer.from("企鹅🐧"));
  });
  await expect(upstream().begin().send(call(url))).resolves.toMatchObject({ status: 200, text: "企鹅🐧" });
});

test("a form is sent as one, with a User-Agent", async () => {
  const seen: string[] = [];
  const url = await serve((request, response) => {
    request.on("data", (chunk: Buffer) => seen.push(String(chunk)));
    request.on("end", () => {
      seen.push(String(request.headers["content-type"]), String(request.headers["user-agent"]));
      response.end("{}");
    });
  });
  await upstream()
    .begin()
    .send({ step: "token", method: "POST", url, form: { code: "a b&c" }, repeatable: false });
  expect(seen).toEqual(["code=a+b%26c", "application/x-www-form-urlencoded", "meiduo-accounts"]);
});

test("redirects are not followed", async () => {
  let reached = 0;
  const target = await serve((_, response) => {
    reached++;
    response.end("{}");
  });
  const url = await serve((_, response) => response.writeHead(302, { location: target }).end());
  expect((await troubleOf(upstream().begin().send(call(url, true)))).kind).toBe("redirect");
  expect(reached).toBe(0);
});

test("an endless answer is cut off at the limit", async () => {
  let written = 0;
  const url = await serve((_, response) => {
    const chunk = Buffer.alloc(16 * 1024, "x");
    const more = () => {
      while (!response.destroyed && response.write(chunk)) written += chunk.length;
      written += chunk.length;
    };
    response.on("drain", more);
    more();
  });
  expect((await troubleOf(upstream().begin().send(call(url)))).kind).toBe("too_large");
  expect(written).toBeLessThan(16 * 1024 * 1024);
});

test("the time limit covers all calls of one exchange together", async () => {
  const url = await serve((_, response) => {
    setTimeout(() => response.end("{}"), 1200);
  });
  const exchange = upstream({ timeoutMillis: 2000 }).begin();
  await exchange.send(call(url));
  // Alone it would be in time.
  expect((await troubleOf(exchange.send(call(url)))).kind).toBe("timeout");
});

test("a body that stops in the middle ends with the time limit", async () => {
  const url = await serve((_, response) => void response.writeHead(200).write("{"));
  expect((await troubleOf(upstream({ timeoutMillis: 500 }).begin().send(call(url)))).kind).toBe("timeout");
});

test("a read is repeated once after a broken connection, a code is traded only once", async () => {
  let calls = 0;
  const url = await serve((request, response) => {
    if (++calls === 1) request.socket.destroy();
    else response.end("{}");
  });
  await expect(upstream().begin().send(call(url, true))).resolves.toMatchObject({ text: "{}" });
  expect(calls).toBe(2);
  calls = 0;
  expect((await troubleOf(upstream().begin().send(call(url, false)))).kind).toBe("connection");
  expect(calls).toBe(1);
});

test("a broken read is repeated only once", async () => {
  let calls = 0;
  const url = await serve((request) => {
    calls++;
    request.socket.destroy();
  });
  await troubleOf(upstream().begin().send(call(url, true)));
  expect(calls).toBe(2);
});

test("nothing listening is trouble that names neither address nor secret", async () => {
  const probe = createTcpServer();
  await new Promise<void>((resolve) => probe.listen(0, "127.0.0.1", resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  const trouble = await troubleOf(
    upstream()
      .begin()
      .send(call(`http://127.0.0.1:${port}/token?client_secret=hush&code=c`)),
  );
  expect(trouble.kind).toBe("connection");
  expect(trouble.message).not.toMatch(/hush|127\.0\.0\.1|code=/);
});

test("the configured proxy is used, except for this machine", async () => {
  const asked: string[] = [];
  const target = await serve((_, response) => response.end('{"direct":true}'));
  const http = await serve((request, response) => {
    asked.push(String(request.url));
    response.end('{"proxied":true}');
  });
  const through = upstream({ proxy: { http, https: http, except: "" } });
  const outside = await through.begin().send(call("http://provider.invalid/me"));
  expect(outside.text).toBe('{"proxied":true}');
  expect(asked).toEqual(["http://provider.invalid/me"]);
  const own = await through.begin().send(call(target));
  expect(own.text).toBe('{"direct":true}');
  expect(asked).toHaveLength(1);
});
