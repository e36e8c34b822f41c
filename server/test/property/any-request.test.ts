import { createConnection } from "node:net";
import fc from "fast-check";
import type { InjectOptions, LightMyRequestResponse } from "fastify";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestApp, type TestApp } from "../support/test-app.ts";

/**
 * Whatever is sent, the answer is no 5xx, is JSON, quotes nothing of the server's inside, and comes in time.
 * Failures print the seed and the smallest input; pass both to fc.assert to see it again.
 */
const runs = { numRuns: Number(process.env.PROPERTY_RUNS ?? 200) };

/**
 * Milliseconds of this thread's processor for one answer; a pattern gone quadratic takes seconds. How long the answer
 * takes on a busy machine is not asked.
 */
const patience = 2000;

describe("any request", () => {
  let test: TestApp;
  let token: string;
  beforeAll(async () => {
    test = await startTestApp({
      env: {
        LOGIN_FAILURE_LIMIT: "1000000",
        LOGIN_FAILURE_LIMIT_PER_DAY: "1000000",
        QQ_CLIENT_ID: "100000001",
        QQ_CLIENT_SECRET: "never-sent",
      },
    });
    ({ token } = await test.signUp({ username: "python01", email: "44@qq.com" }));
  });
  afterAll(() => test.close());

  async function judge(request: InjectOptions): Promise<LightMyRequestResponse> {
    const before = process.threadCpuUsage();
    const answer = await test.anonymous(request);
    expect(answer.statusCode, answer.body).toBeLessThan(500);
    expect(process.threadCpuUsage(before).user / 1000).toBeLessThan(patience);
    if (answer.body !== "") {
      expect(answer.headers["content-type"]).toMatch(/^application\/(problem\+)?json/);
      expect(() => answer.json()).not.toThrow();
    }
    expect(answer.headers).toMatchObject({ "x-content-type-options": "nosniff", vary: "Origin" });
    expect(answer.headers).toHaveProperty("x-request-id");
    expect(answer.body).not.toMatch(/node_modules|at \w+ \(|SQLITE|select .* from|login_names/);
    return answer;
  }

  const anyText = fc.oneof(
    fc.string({ unit: "binary", maxLength: 300 }),
    fc.string({ unit: "grapheme", maxLength: 60 }),
    fc.string({ maxLength: 60 }),
    fc.constantFrom("", "\u0000", "\ud800", "\u202e", "%", "..", "__proto__", "constructor", "44@qq.com"),
    // Long runs are what makes a careless pattern slow.
    fc
      .tuple(fc.constantFrom("a", "@", ".", "-", "a.", "@.", "中", " ", "\t"), fc.nat(5000))
      .map(([piece, times]) => piece.repeat(times)),
  );
  const encode = (text: string) => encodeURIComponent(text.toWellFormed());

  it("with any text for a user name or an address in the path", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom("/users/usernames/", "/users/emails/", "/emails/", "/usernames/"),
        anyText,
        async (path, text) => {
          const answer = await judge({ url: `${path}${encode(text)}/count/` });
          expect([200, 400, 404]).toContain(answer.statusCode);
          if (answer.statusCode === 200) expect([0, 1]).toContain(answer.json().count);
        },
      ),
      runs,
    );
  });

  it("for a code, with any text for address and kind: what is refused sends nothing", async () => {
    await fc.assert(
      fc.asyncProperty(anyText, anyText, async (email, kind) => {
        const before = test.mailbox.length;
        const url = `/verifications/email_codes/${encode(email)}/?send_type=${encode(kind)}`;
        const answer = await judge({ url });
        await test.runJobs();
        if (answer.statusCode !== 200) expect(test.mailbox).toHaveLength(before);
        for (const { to } of test.mailbox.slice(before)) expect(to).toMatch(/^[^\s@]+@[^\s@]+$/);
      }),
      runs,
    );
  });

  it("with any Authorization header", async () => {
    const headerText = anyText.map((text) => text.replace(/[^\t\x20-\x7e\x80-\xff]/g, "").slice(0, 8000));
    const parts = fc.array(fc.oneof(headerText, fc.base64String({ maxLength: 200 })), { maxLength: 4 });
    const scheme = fc.constantFrom("JWT ", "Bearer ", "jwt  ", "Basic ", "Token ", "");
    const tampered = fc
      .tuple(fc.nat(), fc.string({ maxLength: 3 }))
      .map(([at, piece]) => {
        const i = at % token.length;
        return token.slice(0, i) + piece.replace(/[^\x21-\x7e]/g, "") + token.slice(i + 1);
      })
      .filter((changed) => changed !== token);
    await fc.assert(
      fc.asyncProperty(
        scheme,
        fc.oneof(
          headerText,
          parts.map((list) => list.join(".")),
          tampered,
        ),
        async (prefix, rest) => {
          const answer = await judge({ url: "/user/", headers: { authorization: prefix + rest } });
          expect(answer.statusCode).toBe(401);
          expect(answer.headers["www-authenticate"]).toBe('JWT realm="api"');
        },
      ),
      runs,
    );
  });

  const fields = fc.constantFrom(
    "username",
    "email",
    "password",
    "password2",
    "email_code",
    "allow",
    "access_token",
  );
  const posts = fc.constantFrom("/users/", "/users/authorizations/", "/users/password/", "/oauth/qq/user/");
  // As long as a body may be, for patterns that are fast on short texts only.
  const longest = fc
    .constantFrom("a", "@", "a@", ".", "-", " ", "\u3000", "中", "\u0301")
    .map((piece) => piece.repeat(Math.floor(50_000 / Buffer.byteLength(piece))));
  const anyValue = fc.oneof(
    { weight: 6, arbitrary: anyText },
    { weight: 3, arbitrary: fc.jsonValue({ maxDepth: 3 }) },
    { weight: 2, arbitrary: fc.constantFrom(1e308, -0, true, null, [], {}) },
    { weight: 1, arbitrary: longest },
  );

  it("with any JSON in the body", async () => {
    const form = fc.dictionary(
      fc.oneof({ weight: 4, arbitrary: fields }, { weight: 1, arbitrary: anyText }),
      anyValue,
      {
        maxKeys: 8,
      },
    );
    await fc.assert(
      fc.asyncProperty(posts, fc.oneof(form, fc.jsonValue()), async (url, value) => {
        const headers = { "content-type": "application/json" };
        const payload = JSON.stringify(value);
        const answer = await judge({ method: "POST", url, headers, payload });
        expect(answer.statusCode).toBeGreaterThanOrEqual(400);
      }),
      runs,
    );
  });

  it("with any form in the body", async () => {
    const pair = fc.tuple(fc.oneof(fields, anyText), anyText);
    const form = fc
      .array(pair, { maxLength: 10 })
      .map((pairs) => pairs.map(([name, value]) => `${encode(name)}=${encode(value)}`).join("&"));
    const raw = fc.string({ unit: "binary-ascii", maxLength: 200 });
    await fc.assert(
      fc.asyncProperty(posts, fc.oneof(form, raw), async (url, payload) => {
        const headers = { "content-type": "application/x-www-form-urlencoded" };
        await judge({ method: "POST", url, headers, payload });
      }),
      runs,
    );
  });

  it("with any bytes in the body under any media type", async () => {
    const type = fc.oneof(
      fc.constantFrom(
        ...["application/json", "application/json; charset=utf-16", "application/json; charset=\u00ff"],
        ...[
          "application/x-www-form-urlencoded",
          "text/plain",
          "multipart/form-data",
          "application/problem+json",
        ],
      ),
      fc.string({ maxLength: 40 }).map((text) => text.replace(/[^\x20-\x7e]/g, "")),
    );
    await fc.assert(
      fc.asyncProperty(posts, type, fc.uint8Array({ maxLength: 2000 }), async (url, contentType, bytes) => {
        const headers = { "content-type": contentType };
        const answer = await judge({ method: "POST", url, headers, payload: Buffer.from(bytes) });
        expect([400, 404, 413, 415, 503]).toContain(answer.statusCode);
      }),
      runs,
    );
  });

  it("with any path, query, method and headers", async () => {
    const method = fc.constantFrom("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD");
    const path = fc.oneof(
      fc.webPath(),
      fc.constantFrom("/user/", "/test/", "/users/", "/oauth/qq/authorization/"),
      fc.array(anyText.map(encode), { maxLength: 6 }).map((pieces) => `/${pieces.join("/")}`),
      // Badly encoded.
      fc
        .array(fc.constantFrom("%", "%z", "%zz", "%E0%A4%A", "%ff", "%2f", "usernames", "/", "a"), {
          maxLength: 8,
        })
        .map((pieces) => `/usernames/${pieces.join("")}/count/`),
    );
    const query = fc.oneof(
      fc.webQueryParameters(),
      fc
        .array(fc.tuple(anyText, anyText), { maxLength: 6 })
        .map((pairs) => pairs.map(([name, value]) => `${encode(name)}=${encode(value)}`).join("&")),
    );
    const header = anyText.map((text) => text.replace(/[^\x20-\x7e]/g, "").slice(0, 500));
    const headers = fc.dictionary(
      fc.constantFrom(
        "accept",
        "accept-language",
        "origin",
        "x-request-id",
        "x-forwarded-for",
        "cookie",
        "host",
      ),
      header,
      { maxKeys: 4 },
    );
    await fc.assert(
      fc.asyncProperty(method, path, query, headers, async (verb, where, asked, sent) => {
        // The documentation page and the metrics are files of their own kinds.
        fc.pre(!/^\/(docs|metrics)/.test(where));
        const answer = await judge({ method: verb, url: `${where}?${asked}`, headers: sent });
        expect(answer.headers["x-request-id"]).toMatch(/^[\w-]+$/);
      }),
      runs,
    );
  });

  it("as any bytes on the wire: an answer or a closed connection, and the server goes on", async () => {
    await test.app.api.listen({ host: "127.0.0.1", port: 0 });
    const { port } = test.app.api.server.address() as { port: number };
    const begin = fc.constantFrom(
      "",
      "GET ",
      "GET / HTTP/1.1\r\n",
      "POST /users/ HTTP/1.1\r\nContent-Length: 5\r\n",
    );
    await fc.assert(
      fc.asyncProperty(begin, fc.uint8Array({ maxLength: 500 }), async (start, bytes) => {
        const answer = await speak(port, Buffer.concat([Buffer.from(start), bytes, Buffer.from("\r\n\r\n")]));
        if (answer !== "") expect(answer).toMatch(/^HTTP\/1\.1 [1-4]\d\d /);
      }),
      { numRuns: 100 },
    );
    expect((await fetch(`http://127.0.0.1:${port}/healthz`)).status).toBe(200);
  });
});

/** Sends bytes, ends the sending side, and resolves with all that came back. */
function speak(port: number, bytes: Buffer): Promise<string> {
  return new Promise((resolve) => {
    let received = "";
    const socket = createConnection(port, "127.0.0.1", () => socket.end(bytes));
    socket.setEncoding("latin1").setTimeout(patience, () => socket.destroy(new Error("no end")));
    socket.on("data", (chunk) => {
      received += chunk;
    });
    socket.on("error", () => {}).on("close", () => resolve(received));
  });
}
