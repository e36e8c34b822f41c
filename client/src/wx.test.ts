import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { miniProgramDouble } from "../test/support/mini-program.ts";
import { ApiError } from "./api-error.ts";
import { createClient } from "./client.ts";
import { createSession } from "./session.ts";
import { miniProgram } from "./wx.ts";

interface Seen {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

let handler: (request: IncomingMessage, response: ServerResponse) => void;
let seen: Seen[] = [];
const server = createServer((request, response) => {
  let body = "";
  request.on("data", (chunk) => {
    body += chunk;
  });
  request.on("end", () => {
    seen.push({ method: request.method, url: request.url, headers: request.headers, body });
    handler(request, response);
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
  // What a mini program's engine lacks.
  for (const name of ["fetch", "AbortController", "AbortSignal", "URLSearchParams", "localStorage"])
    vi.stubGlobal(name, undefined);
});
afterEach(() => vi.unstubAllGlobals());

function json(response: ServerResponse, status: number, body: unknown, headers = {}) {
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

const capitals = (name: string) => name.replace(/(^|-)\w/g, (letter) => letter.toUpperCase());

describe("in a mini program", () => {
  it.each([
    ["as sent", undefined],
    ["with capitals", capitals],
  ])("calls work, and headers are read that are written %s", async (_, headerName) => {
    handler = (_request, response) => json(response, 200, { message: "OK" }, { "retry-after": "60" });
    const platform = miniProgramDouble(headerName && { headerName });
    const api = createClient({ baseUrl, ...miniProgram(platform), language: "en" });
    expect(await api.sendEmailCode("小明@例.com", "register")).toEqual({
      message: "OK",
      retryAfterSeconds: 60,
    });
    expect(seen[0]?.url).toBe(
      "/verifications/email_codes/%E5%B0%8F%E6%98%8E%40%E4%BE%8B.com/?send_type=register",
    );
    expect(seen[0]?.headers).toMatchObject({
      "accept-language": "en",
      accept: expect.stringMatching("problem"),
    });
  });

  it("a body is sent as it is, and an answer that is refused is an ApiError with its fields", async () => {
    const fields = [{ field: "username", code: "username_taken", message: "Taken." }];
    handler = (_request, response) =>
      json(response, 400, { code: "invalid_fields", title: "Check.", fields });
    const api = createClient({ baseUrl, ...miniProgram(miniProgramDouble()) });
    const error = await failure(api.logIn("python", "a b&c=汉"));
    expect(JSON.parse(seen[0]?.body ?? "")).toEqual({ username: "python", password: "a b&c=汉" });
    expect(seen[0]?.headers["content-type"]).toBe("application/json");
    expect([error.code, error.status, error.field("username")?.code]).toEqual([
      "invalid_fields",
      400,
      "username_taken",
    ]);
  });

  it("PATCH, which mini programs don't have, goes as POST with the method beside it", async () => {
    handler = (_request, response) => json(response, 200, {});
    const api = createClient({ baseUrl, token: () => "t.o.k", ...miniProgram(miniProgramDouble()) });
    await api.changeProfile({ first_name: "Ada" });
    expect(seen[0]).toMatchObject({ method: "POST", url: "/user/" });
    expect(seen[0]?.headers).toMatchObject({ "x-http-method-override": "PATCH", authorization: "JWT t.o.k" });
  });

  it("a page of somebody else is told from the API's answer", async () => {
    handler = (_request, response) => response.writeHead(200).end("<h1>Welcome to the hotel network</h1>");
    const api = createClient({ baseUrl, ...miniProgram(miniProgramDouble()) });
    expect((await failure(api.checkConnection())).code).toBe("not_the_api");
  });

  it("a redirect is not followed with the token", async () => {
    handler = (_request, response) => response.writeHead(302, { location: `${baseUrl}/elsewhere` }).end();
    const api = createClient({
      baseUrl,
      token: () => "secret",
      retries: 0,
      ...miniProgram(miniProgramDouble()),
    });
    expect((await failure(api.currentUser())).code).toBe("network");
    expect(seen).toHaveLength(1);
  });

  it("no answer is a time-out, by the client's clock or by the app's, and the request is stopped", async () => {
    handler = () => {};
    const platform = miniProgramDouble();
    const api = createClient({ baseUrl, timeoutMs: 60, retries: 0, ...miniProgram(platform) });
    expect((await failure(api.checkConnection())).code).toBe("timeout");
    await vi.waitFor(() => expect(platform.openRequests()).toBe(0));
    const hasty = miniProgramDouble({ networkTimeout: 30 });
    const other = createClient({ baseUrl, ...miniProgram(hasty) });
    expect((await failure(other.checkConnection())).code).toBe("timeout");
    const gone = createClient({
      baseUrl: "http://127.0.0.1:9",
      retries: 0,
      ...miniProgram(miniProgramDouble()),
    });
    expect((await failure(gone.checkConnection())).code).toBe("network");
  });

  it("a call can be stopped without AbortController", async () => {
    handler = () => {};
    const platform = miniProgramDouble();
    const api = createClient({ baseUrl, ...miniProgram(platform) });
    let abort = () => {};
    const signal = {
      aborted: false,
      addEventListener(_type: "abort", listener: () => void) {
        abort = () => {
          signal.aborted = true;
          listener();
        };
      },
      removeEventListener() {},
    };
    const call = failure(api.checkConnection({ signal }));
    abort();
    expect((await call).code).toBe("aborted");
    await vi.waitFor(() => expect(platform.openRequests()).toBe(0));
  });

  it("the API's cookies are kept, sent where they belong, and taken out when it takes them back", async () => {
    const platform = miniProgramDouble();
    const api = createClient({ baseUrl, ...miniProgram(platform) });
    const set = ["meiduo_device=d1; Path=/; HttpOnly", "flow=f1; Path=/"];
    handler = (_request, response) => json(response, 200, {}, { "set-cookie": set });
    await api.logIn("python", "x");
    await api.logIn("python", "x");
    await api.countUsername("python");
    expect(seen.map(({ headers }) => headers.cookie)).toEqual([
      undefined,
      "meiduo_device=d1; flow=f1",
      undefined,
    ]);
    const later = ["flow=; Path=/; Max-Age=0", "meiduo_device=d2; Max-Age=15552000"];
    handler = (_request, response) => json(response, 200, {}, { "set-cookie": later });
    await api.logIn("python", "x");
    const restarted = createClient({ baseUrl, ...miniProgram(platform) });
    await restarted.logIn("python", "x");
    expect(seen.at(-1)?.headers.cookie).toBe("meiduo_device=d2");
  });

  it("a session outlives the program, and ends with a log-out", async () => {
    handler = ({ url }, response) =>
      json(response, 200, url === "/user/" ? { id: 7 } : { token: "t.o.k", username: "python", user_id: 7 });
    const platform = miniProgramDouble();
    const session = createSession({ baseUrl, ...miniProgram(platform) });
    await session.logIn("python", "x");
    expect(session.state()).toMatchObject({ status: "in", user: { id: 7 } });
    const restarted = createSession({ baseUrl, ...miniProgram(platform) });
    await vi.waitFor(() => expect(restarted.state()).toMatchObject({ status: "in", user: { id: 7 } }));
    expect(seen.at(-1)?.headers.authorization).toBe("JWT t.o.k");
    restarted.logOut();
    expect(createSession({ baseUrl, ...miniProgram(platform) }).state().status).toBe("out");
  });
});
