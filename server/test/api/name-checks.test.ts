import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestApp, type TestApp } from "../support/test-app.ts";

let test: TestApp;
beforeAll(async () => {
  test = await startTestApp({ env: { TRUST_PROXY: "1", NAME_CHECK_LIMIT: "5" } });
});
afterAll(() => test.close());

const ask = (url: string, from: string) => test.anonymous({ url, headers: { "x-forwarded-for": from } });

describe("questions whether a name is taken", () => {
  it("are one count over every path of a client, and none of its neighbours'", async () => {
    const paths = ["/users/usernames/python01/count/", "/users/emails/44@qq.com/count/"].flatMap((url) => [
      url,
      url.replace("/users", ""),
    ]);
    for (const url of [...paths, paths[0]!]) expect((await ask(url, "203.0.113.1")).statusCode).toBe(200);
    for (const url of paths) {
      const refused = await ask(url, "203.0.113.1");
      expect([refused.statusCode, refused.json()]).toEqual([
        429,
        { detail: "请求超过了限速。", message: "请求超过了限速。" },
      ]);
      expect(refused.headers["retry-after"]).toBe("12");
    }
    expect((await ask(paths[0]!, "203.0.113.2")).statusCode).toBe(200);
  });

  it("keep nobody from signing up, and are due again after a while", async () => {
    const at = "203.0.113.3";
    for (let i = 0; i < 6; i++) await ask("/users/usernames/python01/count/", at);
    expect((await ask("/users/usernames/python01/count/", at)).statusCode).toBe(429);
    const asked = await ask("/verifications/email_codes/44@qq.com/?send_type=register", at);
    expect(asked.statusCode).toBe(200);
    test.clock.advance(12);
    expect((await ask("/users/usernames/python01/count/", at)).statusCode).toBe(200);
    expect((await ask("/users/usernames/python01/count/", at)).statusCode).toBe(429);
  });
});

it("are not limited in development, where every page comes from one address", async () => {
  const free = await startTestApp();
  for (let i = 0; i < 700; i++) {
    expect((await free.anonymous({ url: "/users/usernames/python01/count/" })).statusCode).toBe(200);
  }
  await free.close();
});
