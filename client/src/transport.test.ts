import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { ApiError } from "./api-error.ts";
import { createClient } from "./client.ts";

type Handler = (request: IncomingMessage, response: ServerResponse, count: number) => void;

let handler: Handler;
let seen: { method?: string; url?: string; headers: IncomingMessage["headers"]; body: string }[];
const server = createServer((request, response) => {
  let body = "";
  request.on("data", (chunk) => {
    body += chunk;
  });
  request.on("end", () => {
    seen.push({ method: request.method, url: request.url, headers: request.headers, body });
    handler(request, response, seen.length);
  });
});
let baseUrl: string;

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  seen = [];
});

function json(response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}) {
  response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));
}

async function failure(promise: Promise<unknown>): Promise<ApiError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ApiError);
  return error as ApiError;
}

describe("a call", () => {
  it("tells when the next code may be asked for, where the server says so", async () => {
    handler = (_request, response) => json(response, 200, { message: "OK" }, { "retry-after": "60" });
    const client = createClient({ baseUrl });
    expect(await client.sendEmailCode("a@b.cn", "register")).toEqual({
      message: "OK",
      retryAfterSeconds: 60,
    });
    expect(await client.checkConnection()).toEqual({ message: "OK" });
    handler = (_request, response) => json(response, 200, { message: "OK" });
    expect(await client.sendEmailCode("a@b.cn", "register")).toEqual({ message: "OK" });
  });

  it("asks for problem details in the language wanted and sends the token only where it is needed", async () => {
    handler = (_request, response) => json(response, 200, { message: "OK" });
    const client = createClient({ baseUrl: `${baseUrl}/`, language: () => "en", token: () => "t.o.k" });
    await client.sendEmailCode("小明+a@例.com", "register");
    await client.currentUser();
    await client.sendEmailCode("new@b.cn", "changeEmail");
    expect(seen[0]?.url).toBe(
      "/verifications/email_codes/%E5%B0%8F%E6%98%8E%2Ba%40%E4%BE%8B.com/?send_type=register",
    );
    expect(seen[0]?.headers.accept).toContain("application/problem+json");
    expect(seen[0]?.headers["accept-language"]).toBe("en");
    expect(seen[0]?.headers.authorization).toBeUndefined();
    expect(seen[1]?.headers.authorization).toBe("JWT t.o.k");
    // The one kind of code that needs a log-in.
    expect(seen[2]?.headers.authorization).toBe("JWT t.o.k");
  });

  it("shows a log-in the token of the session that it replaces, and renews none for it", async () => {
    handler = (_request, response) => json(response, 401, { detail: "No.", code: "token_expired" });
    const renew = () => Promise.reject(new Error("not asked"));
    const client = createClient({ baseUrl, token: () => "t.o.k", renew });
    await failure(client.logIn("python01", "12345678aA"));
    await failure(client.secondFactor("step", "123456"));
    expect(seen.map(({ headers }) => headers.authorization)).toEqual(["JWT t.o.k", "JWT t.o.k"]);
  });

  it.each([{ code: "c", state: "s", iss: "https://issuer.test" }, { bind_token: "ticket" }])(
    "adds a provider to the logged-in user with %j",
    async (sent) => {
      const binding = {
        provider: "qq",
        nickname: "小美",
        avatar: null,
        created_at: "x",
        last_login_at: null,
      };
      handler = (_request, response) => json(response, 201, binding);
      const client = createClient({ baseUrl, token: () => "t.o.k" });
      expect(await client.addBinding("qq", sent)).toEqual(binding);
      expect(seen).toHaveLength(1);
      expect(seen[0]).toMatchObject({ method: "POST", url: "/user/bindings/qq/" });
      expect(seen[0]?.headers.authorization).toBe("JWT t.o.k");
      expect(JSON.parse(seen[0]?.body ?? "")).toEqual(sent);
    },
  );

  it("reads RFC 9457 problems", async () => {
    handler = (_request, response) =>
      json(
        response,
        400,
        {
          type: "about:blank",
          title: "Please check the form.",
          status: 400,
          code: "invalid_fields",
          requestId: "r-1",
          fields: [{ field: "username", code: "username_taken", message: "Taken." }],
        },
        { "content-type": "application/problem+json" },
      );
    const error = await failure(createClient({ baseUrl }).logIn("python", "secret-password"));
    expect(error).toMatchObject({ code: "invalid_fields", status: 400, requestId: "r-1" });
    expect(error.field("username")).toEqual({
      field: "username",
      code: "username_taken",
      message: "Taken.",
    });
    expect(JSON.stringify(error)).not.toContain("secret-password");
  });

  it.each([
    [400, { username: ["不能为空"], message: "不能为空" }, "invalid_fields", "不能为空", "username"],
    [400, { message: "发送邮件过于频繁" }, "unknown", "发送邮件过于频繁", undefined],
    [400, { non_field_errors: ["两次密码不一致"] }, "unknown", "两次密码不一致", undefined],
    [401, { detail: "Signature has expired." }, "not_authenticated", "Signature has expired.", undefined],
    [429, { detail: "请求超过了限速。" }, "throttled", "请求超过了限速。", undefined],
  ])("reads the tutorial's shapes: %i %j", async (status, body, code, message, field) => {
    handler = (_request, response) => json(response, status, body);
    const error = await failure(createClient({ baseUrl }).logIn("a", "b"));
    expect(error).toMatchObject({ status, code, message });
    expect(error.fields.map((problem) => problem.field)).toEqual(field ? [field] : []);
  });

  it("names an answer that is not the API's", async () => {
    handler = (_request, response) => response.writeHead(200).end("<h1>Welcome to the hotel network</h1>");
    expect((await failure(createClient({ baseUrl }).checkConnection())).code).toBe("not_the_api");
    handler = (_request, response) => response.writeHead(403).end("<h1>Forbidden</h1>");
    expect(await failure(createClient({ baseUrl }).checkConnection())).toMatchObject({
      code: "not_the_api",
      status: 403,
    });
  });

  it("does not follow a redirect with the token", async () => {
    handler = (_request, response) => response.writeHead(302, { location: `${baseUrl}/elsewhere` }).end();
    const client = createClient({ baseUrl, token: () => "secret", retries: 0 });
    expect((await failure(client.currentUser())).code).toBe("network");
    expect(seen).toHaveLength(1);
  });

  it("tells when the user has to log in again", async () => {
    handler = (_request, response) => json(response, 401, { detail: "Signature has expired." });
    const told: string[] = [];
    const client = createClient({
      baseUrl,
      token: () => "old",
      onLogInNeeded: (error, token) => told.push(`${token}: ${error.message}`),
    });
    expect((await failure(client.currentUser())).needsLogIn).toBe(true);
    expect(told).toEqual(["old: Signature has expired."]);
    await failure(client.logIn("a", "b"));
    expect(told).toHaveLength(1);
  });
});

describe("repeating", () => {
  it("tries a read again after 503 and after a dropped connection", async () => {
    handler = (_request, response, count) => {
      if (count === 1) response.destroy();
      else if (count === 2) json(response, 503, { detail: "busy" }, { "retry-after": "0" });
      else json(response, 200, { username: "python01", count: 1 });
    };
    expect(await createClient({ baseUrl }).countUsername("python01")).toEqual({
      username: "python01",
      count: 1,
    });
    expect(seen).toHaveLength(3);
  });

  it.each([
    ["asking for a code", (c: ReturnType<typeof createClient>) => c.sendEmailCode("a@b.cn", "register")],
    ["logging in", (c: ReturnType<typeof createClient>) => c.logIn("a", "b")],
    [
      "handing over a provider's code",
      (c: ReturnType<typeof createClient>) => c.completeThirdParty("qq", { code: "c", state: "s" }),
    ],
  ])("never repeats %s", async (_name, act) => {
    handler = (_request, response) => json(response, 503, { detail: "busy" }, { "retry-after": "0" });
    expect((await failure(act(createClient({ baseUrl })))).retryAfterSeconds).toBe(0);
    expect(seen).toHaveLength(1);
  });

  it("does not wait longer than a person would", async () => {
    handler = (_request, response) => json(response, 503, { detail: "busy" }, { "retry-after": "60" });
    expect((await failure(createClient({ baseUrl }).countUsername("python01"))).retryAfterSeconds).toBe(60);
    expect(seen).toHaveLength(1);
  });

  it("does not repeat a refusal", async () => {
    handler = (_request, response) => json(response, 404, { detail: "未找到。" });
    expect((await failure(createClient({ baseUrl }).countUsername("python01"))).code).toBe("not_found");
    expect(seen).toHaveLength(1);
  });
});

describe("giving up", () => {
  it("after the time-out, headers or body, without repeating", async () => {
    handler = (_request, response) => {
      response.writeHead(200, { "content-type": "application/json" });
      response.write("{");
    };
    expect((await failure(createClient({ baseUrl, timeoutMs: 50 }).checkConnection())).code).toBe("timeout");
    expect(seen).toHaveLength(1);
  });

  it("when the caller aborts, before, during or between attempts", async () => {
    const before = createClient({ baseUrl }).checkConnection({ signal: AbortSignal.abort() });
    expect((await failure(before)).code).toBe("aborted");

    const during = new AbortController();
    handler = () => during.abort();
    expect((await failure(createClient({ baseUrl }).checkConnection({ signal: during.signal }))).code).toBe(
      "aborted",
    );

    const between = new AbortController();
    handler = (_request, response) => {
      json(response, 503, { detail: "busy" }, { "retry-after": "3" });
      response.on("close", () => between.abort());
    };
    expect((await failure(createClient({ baseUrl }).checkConnection({ signal: between.signal }))).code).toBe(
      "aborted",
    );
  });

  it("with `network` where nobody listens", async () => {
    const client = createClient({ baseUrl: "http://127.0.0.1:1", retries: 0 });
    expect((await failure(client.checkConnection())).code).toBe("network");
  });
});

describe("in Chrome 102 and Safari 15, which lack what newer browsers have", () => {
  beforeEach(() => {
    vi.stubGlobal("AbortSignal", class {});
  });
  afterEach(() => vi.unstubAllGlobals());

  it("calls work, with their query", async () => {
    handler = (_request, response) => json(response, 200, { message: "OK" });
    const client = createClient({ baseUrl });
    expect(await client.sendEmailCode("a@b.cn", "register")).toEqual({ message: "OK" });
    expect(seen[0]?.url).toMatch(/\?send_type=register$/);
  });

  it("a server that says nothing is a time-out, one that is away is the network", async () => {
    handler = () => {};
    const slow = createClient({ baseUrl, timeoutMs: 50, retries: 0 });
    expect((await failure(slow.checkConnection())).code).toBe("timeout");
    const gone = createClient({ baseUrl: "http://127.0.0.1:9", retries: 0 });
    expect((await failure(gone.checkConnection())).code).toBe("network");
  });
});

describe("without any fetch", () => {
  afterEach(() => vi.unstubAllGlobals());

  it("says what to do", async () => {
    vi.stubGlobal("fetch", undefined);
    const error = await failure(createClient({ baseUrl }).checkConnection());
    expect([error.code, error.status]).toEqual(["no_fetch", 0]);
    expect(error.message).toMatch(/give one to the client as `fetch`/);
  });
});
