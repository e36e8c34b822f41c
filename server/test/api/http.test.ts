import { type AddressInfo, connect } from "node:net";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestApp, type TestApp } from "../support/test-app.ts";

describe("requests that are not in order", () => {
  let test: TestApp;
  const log: string[] = [];
  beforeAll(async () => {
    test = await startTestApp({ env: { LOG_LEVEL: "info" }, logTo: { write: (line) => log.push(line) } });
  });
  afterAll(() => test.close());

  const post = (payload: string | Buffer, type: string | undefined, url = "/users/authorizations/") =>
    test.anonymous({ method: "POST", url, payload, headers: type ? { "content-type": type } : {} });

  it.each(["/nope/", "/nope", "/", "/users/nope/", "/users/usernames/", "/verifications/"])(
    "answers the unknown path %s with 404 in JSON",
    async (url) => {
      const answer = await test.anonymous({ url });
      expect(answer.statusCode).toBe(404);
      expect(answer.json()).toEqual({ detail: "未找到。", message: "未找到。" });
    },
  );

  it.each([
    ["GET", "/users/", "POST"],
    ["DELETE", "/users/authorizations/", "POST"],
    ["GET", "/users/authorizations", "POST"],
    ["PUT", "/users/usernames/python01/count/", "GET"],
    ["POST", "/verifications/email_codes/44@qq.com/", "GET"],
    ["HEAD", "/users/", "POST"],
    ["POST", "/test/", "GET"],
    // What a HEAD asks about would be done: a mail sent, a log-in begun, a code used up.
    ["HEAD", "/verifications/email_codes/44@qq.com/", "GET"],
    ["HEAD", "/email_codes/44@qq.com/", "GET"],
    ["HEAD", "/oauth/qq/authorization/", "GET"],
    ["HEAD", "/oauth/qq/user/?code=1", "GET"],
    ["GET", "/%75sers/", "POST"],
    ["PUT", "/users/user%6eames/%E5%85%A8%E6%B0%91/count/", "GET"],
  ] as const)("answers %s %s with 405 and Allow", async (method, url, allowed) => {
    const answer = await test.anonymous({ method, url });
    expect(answer.statusCode).toBe(405);
    const allow = String(answer.headers.allow).split(", ");
    expect(allow).toContain(allowed);
    expect(allow).not.toContain(method);
    if (method !== "HEAD") {
      const text = `方法 “${method}” 不被允许。`;
      expect(answer.json()).toEqual({ detail: text, message: text });
    }
    expect(test.mailbox).toEqual([]);
  });

  it("answers plain OPTIONS with Allow and no body", async () => {
    const answer = await test.anonymous({ method: "OPTIONS", url: "/users/" });
    expect(answer.statusCode).toBe(204);
    expect(answer.headers.allow).toBe("POST, OPTIONS");
    expect(answer.body).toBe("");
  });

  it("refuses a body that is not UTF-8, in which different passwords would be one", async () => {
    // A GBK page's 张三: each byte would be decoded to the same replacement character.
    const body = Buffer.concat([
      Buffer.from('{"username":"python01","password":"'),
      Buffer.from([0xd5, 0xc5, 0xc8, 0xfd]),
      Buffer.from('"}'),
    ]);
    const answer = await post(body, "application/json");
    expect(answer.statusCode).toBe(400);
    expect(answer.json().detail).toBe("JSON parse error - Expecting UTF-8");
  });

  it.each(["{", '{"a":', "[1,]", "nonsense", '{"a":1}x', "\u0000", '"\ud800'])(
    "answers malformed JSON %j with 400, not quoting it",
    async (body) => {
      const answer = await post(body, "application/json");
      expect(answer.statusCode).toBe(400);
      expect(answer.json().detail).toMatch(/^JSON parse error - [\w :()]+$/);
      expect(answer.json().message).toBe(answer.json().detail);
    },
  );

  it.each([
    ["[]", "list"],
    ['"text"', "str"],
    ["5", "int"],
    ["1.5", "float"],
    ["true", "bool"],
  ])("answers the body %s by naming what it is", async (body, type) => {
    const answer = await post(body, "application/json; charset=utf-8");
    expect(answer.statusCode).toBe(400);
    const text = `无效数据。期待为字典类型，得到的是 ${type} 。`;
    expect(answer.json()).toEqual({ non_field_errors: [text], message: text });
  });

  it("answers a body of null as the original did: nothing was sent", async () => {
    const answer = await post("null", "application/json");
    expect(answer.statusCode).toBe(400);
    expect(answer.json()).toEqual({ non_field_errors: ["No data provided"], message: "No data provided" });
  });

  it.each([
    ["text/plain", "text/plain"],
    ["application/xml; charset=utf-8", "application/xml; charset=utf-8"],
    ["multipart/mixed; boundary=x", "multipart/mixed; boundary=x"],
    ["application/jsonp", "application/jsonp"],
    ["x", "x"],
  ])("answers the media type %s with 415", async (type, named) => {
    const answer = await post("a=b", type);
    expect(answer.statusCode).toBe(415);
    expect(answer.json()).toMatchObject({ detail: `不支持请求中的媒体类型 “${named}”。` });
  });

  it("takes a missing body, an empty one and an empty form as one without fields", async () => {
    for (const answer of [
      await test.anonymous({ method: "POST", url: "/users/authorizations/" }),
      await post("", "application/json"),
      await post("{}", "application/json"),
      await post("", "application/x-www-form-urlencoded"),
      await post("", "multipart/form-data; boundary=x"),
      await post("", "text/plain"),
    ]) {
      expect(answer.statusCode, answer.body).toBe(400);
      expect(answer.json()).toMatchObject({
        username: ["该字段是必填项。"],
        password: ["该字段是必填项。"],
      });
    }
  });

  describe("multipart/form-data, which front ends send with FormData", () => {
    const type = "multipart/form-data; boundary=----b7";
    const part = (name: string, value: string | Buffer, more = "") =>
      Buffer.concat([
        Buffer.from(`------b7\r\nContent-Disposition: form-data; name="${name}"${more}\r\n\r\n`),
        Buffer.from(value),
        Buffer.from("\r\n"),
      ]);
    const end = Buffer.from("------b7--\r\n");

    it("is read as the fields it holds", async () => {
      const body = Buffer.concat([
        part("username", "nobody全民"),
        part("password", "密码 with spaces "),
        end,
      ]);
      const answer = await post(body, type);
      expect(answer.statusCode).toBe(400);
      expect(answer.json()).toMatchObject({ non_field_errors: ["无法使用提供的认证信息登录。"] });
      const missing = await post(Buffer.concat([part("username", "nobody"), end]), type);
      expect(missing.json()).toMatchObject({ password: ["该字段是必填项。"] });
    });

    it("does not take a file, or a field that comes twice, for a text", async () => {
      const file = Buffer.concat([part("username", "a"), part("password", "x", '; filename="p.txt"'), end]);
      expect((await post(file, type)).json()).toMatchObject({ password: ["Not a valid string."] });
      const twice = Buffer.concat([part("username", "a"), part("password", "x"), part("password", "y"), end]);
      expect((await post(twice, type)).json()).toMatchObject({ password: ["Not a valid string."] });
    });

    it("drops __proto__", async () => {
      const body = Buffer.concat([part("__proto__", "x"), part("username", "a"), part("password", "b"), end]);
      expect((await post(body, type)).statusCode).toBe(400);
      expect(({} as Record<string, unknown>).x).toBeUndefined();
    });

    it.each([
      ["no boundary", Buffer.from("a=b"), "multipart/form-data"],
      [
        "another boundary",
        Buffer.concat([part("username", "a"), end]),
        "multipart/form-data; boundary=other",
      ],
      ["no end", part("username", "a"), type],
      ["no UTF-8", Buffer.concat([part("password", Buffer.from([0xd5, 0xc5])), end]), type],
    ])("with %s is 400", async (_name, body, contentType) => {
      const answer = await post(body, contentType);
      expect(answer.statusCode).toBe(400);
      expect(answer.json().detail).toMatch(/^Multipart form parse error - [\w -]+$/);
    });
  });

  it.each(["application/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"])(
    "answers a body that is too large with 413 (%s)",
    async (type) => {
      const answer = await post(`{"username":"${"x".repeat(70_000)}"}`, type);
      expect(answer.statusCode).toBe(413);
      expect(answer.json()).toEqual({ detail: "请求内容过大。", message: "请求内容过大。" });
    },
  );

  describe.each([
    "/users/usernames/%E0%A4%A/count/",
    "/users/usernames/%zz/count/",
    "/users/emails/%ff@qq.com/count/",
    "/%",
    `/usernames/${"x".repeat(17_000)}/count/`,
  ])("a path that the router refuses: %.40s", (url) => {
    it("is answered as any mistake is: shape, language, headers, origins", async () => {
      const origin = "http://127.0.0.1:8080";
      const answer = await test.anonymous({ url, headers: { origin } });
      expect(answer.statusCode).toBe(400);
      expect(answer.json()).toEqual({ detail: "请求有误。", message: "请求有误。" });
      const other = await test.anonymous({ url: "/nope/", headers: { origin } });
      const changing = ["x-request-id", "date", "content-length"];
      for (const name of Object.keys(other.headers)) {
        expect(answer.headers, name).toHaveProperty(name);
        if (!changing.includes(name)) expect(answer.headers[name], name).toBe(other.headers[name]);
      }
      expect(answer.headers["access-control-allow-origin"]).toBe(origin);
      const foreign = await test.anonymous({ url, headers: { origin: "http://evil.example" } });
      expect(foreign.headers).not.toHaveProperty("access-control-allow-origin");
    });

    it("and in English, as a problem, to a preflight, and in the log", async () => {
      const headers = {
        "accept-language": "en",
        accept: "application/problem+json",
        "x-request-id": "by-them-01",
      };
      const before = log.length;
      const answer = await test.anonymous({ url, headers });
      expect(answer.headers["content-type"]).toBe("application/problem+json; charset=utf-8");
      expect(answer.json()).toMatchObject({
        code: "bad_request",
        title: "Bad request.",
        requestId: answer.headers["x-request-id"],
      });
      const lines = log.slice(before).map((line) => JSON.parse(line) as Record<string, unknown>);
      expect(lines).toHaveLength(1);
      expect(lines[0]).toMatchObject({ msg: "answered", method: "GET", status: 400 });
      // Ours tells the request; what the caller calls it stands beside, and never in the audit log.
      expect(lines[0]).toMatchObject({
        reqId: answer.headers["x-request-id"],
        callerRequestId: "by-them-01",
      });
      expect(answer.headers["x-request-id"]).not.toBe("by-them-01");
      expect(log.slice(before).join("")).not.toContain("usernames/");
      const preflight = await test.anonymous({
        ...{ method: "OPTIONS", url },
        headers: { origin: "http://127.0.0.1:8080", "access-control-request-method": "GET" },
      });
      expect([preflight.statusCode, preflight.body]).toEqual([200, ""]);
      expect(preflight.headers["access-control-allow-origin"]).toBe("http://127.0.0.1:8080");
    });
  });

  it.each([
    ["usernames", "username"],
    ["emails", "email"],
  ])("a longer text in /%s/ than any could be is a mistake of the field", async (path, field) => {
    for (const length of [401, 15_000]) {
      const answer = await test.anonymous({ url: `/users/${path}/${"x".repeat(length)}/count/` });
      expect(answer.statusCode).toBe(400);
      expect(answer.json()).toHaveProperty(field);
    }
  });

  it("answers what is no HTTP, or has headers without end, in the same shape", async () => {
    await test.app.api.listen({ host: "127.0.0.1", port: 0 });
    const { port } = test.app.api.server.address() as AddressInfo;
    const send = async (bytes: string) => {
      const socket = connect(port, "127.0.0.1");
      socket.on("error", () => {});
      socket.end(bytes);
      return (await text(socket)).split("\r\n\r\n");
    };
    const [head, body] = await send("NONSENSE\r\n\r\n");
    expect(head).toMatch(/^HTTP\/1.1 400 Bad Request\r\n.*\r\nConnection: close$/s);
    expect(head).toContain("\r\nx-content-type-options: nosniff\r\n");
    expect(JSON.parse(body!)).toEqual({ detail: "请求有误。", message: "请求有误。" });
    const [long, why] = await send(`GET / HTTP/1.1\r\nhost: x\r\ncookie: ${"x".repeat(20_000)}\r\n\r\n`);
    expect(long).toMatch(/^HTTP\/1.1 431 /);
    expect(JSON.parse(why!)).toEqual({ detail: "请求头过大。", message: "请求头过大。" });
  });

  it("serves every path with and without the trailing slash and the prefix, never by a redirect", async () => {
    for (const url of [
      "/users/usernames/python01/count/",
      "/users/usernames/python01/count",
      "/usernames/python01/count/",
      "/usernames/python01/count",
      "/users/emails/44@qq.com/count/",
      "/users/emails/44@qq.com/count",
      "/emails/44@qq.com/count/",
      "/emails/44%40qq.com/count",
    ]) {
      const answer = await test.anonymous({ url });
      expect(answer.statusCode, url).toBe(200);
      expect(answer.json()).toMatchObject({ count: 0 });
    }
    for (const url of ["/users/authorizations", "/authorizations/", "/authorizations", "/users"]) {
      expect((await test.anonymous({ method: "POST", url })).statusCode, url).toBe(400);
    }
    for (const [url, status] of [
      ["/verifications/email_codes/a1@qq.com", 200],
      ["/email_codes/a2@qq.com/", 200],
      ["/email_codes/a1@qq.com", 400],
      ["/user", 401],
      ["/users/user/detail/", 401],
      ["/test", 200],
    ] as const) {
      expect((await test.anonymous({ url })).statusCode, url).toBe(status);
    }
  });

  it.each([
    ["two Host headers", "GET /test/ HTTP/1.1\r\nHost: 127.0.0.1\r\nHost: evil.example\r\n\r\n"],
    ["two equal ones", "GET /test/ HTTP/1.1\r\nHost: 127.0.0.1\r\nhost: 127.0.0.1\r\n\r\n"],
    ["none in HTTP/1.1", "GET /test/ HTTP/1.1\r\n\r\n"],
    ["HTTP/0.9", "GET /test/\r\n\r\n"],
  ])("refuses a request with %s", async (_name, head) => {
    await test.app.api.listen({ host: "127.0.0.1", port: 0 }).catch(() => {});
    const socket = connect((test.app.api.server.address() as AddressInfo).port, "127.0.0.1");
    socket.end(head);
    const answer = await text(socket);
    expect(answer).toMatch(/^(HTTP\/1.1 400 |$)/);
    expect(answer).not.toContain("接收OK");
  });

  it("tells caches to keep nothing, and a request by its id", async () => {
    const answer = await test.anonymous({ url: "/test/", headers: { "x-request-id": "from-a-stranger-1" } });
    expect(answer.headers).toMatchObject({
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
      "x-request-id": expect.stringMatching(/^[\w-]{6,30}$/),
      "content-type": "application/json; charset=utf-8",
    });
    expect(answer.headers["x-request-id"]).not.toBe("from-a-stranger-1");
  });

  it("accepts numbers where text is expected, in a form as well", async () => {
    const answer = await post('{"username":13800138000,"password":123}', "application/json");
    expect(answer.json()).toHaveProperty("non_field_errors");
    const form = await post(
      "username=13800138000&password=1%262+3",
      "application/x-www-form-urlencoded; charset=UTF-8",
    );
    expect(form.json()).toHaveProperty("non_field_errors");
  });

  it("is not led astray by names of JavaScript's own", async () => {
    const body = '{"__proto__":{"username":"x","password":"y"},"constructor":{"prototype":{"username":1}}}';
    const answer = await post(body, "application/json");
    expect(answer.json()).toMatchObject({
      username: ["该字段是必填项。"],
      password: ["该字段是必填项。"],
    });
    const form = await post(
      "__proto__[username]=x&username=a&username=b",
      "application/x-www-form-urlencoded",
    );
    expect(form.json()).toMatchObject({ username: ["Not a valid string."] });
    expect({}).not.toHaveProperty("username");
  });
});
