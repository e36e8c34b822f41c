import type { InjectOptions } from "fastify";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { asked, openPage, sessionCookieOf, shop } from "../support/cookie-page.ts";
import { makePerson, password } from "../support/people.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";

const texts = {
  origin: /不在允许列表中/,
  site: /不属于同一主域名/,
  insecure: /需要 https/,
  state: /OAUTH_STATE=path/,
} as const;
type Outcome = keyof typeof texts | "allowed";
const logIn: InjectOptions & { url: string } = {
  ...{ method: "POST", url: "/users/authorizations/" },
  payload: { username: "python01", password },
};

describe("requests that set, use or end a session in a cookie, over https", () => {
  let test: TestApp;
  beforeAll(async () => {
    test = await startTestApp({ env: shop });
    await makePerson(test, "python01");
  });
  afterAll(() => test.close());

  const site = (value: string | undefined) => ({ "sec-fetch-site": value });
  const www = "https://www.shop.example";
  const cases: readonly (readonly [string, Record<string, string | undefined>, Outcome, Outcome])[] = [
    // What the browser says; of a POST or DELETE; of a GET.
    ["a listed page", { origin: www, ...site("same-site") }, "allowed", "allowed"],
    ["a listed page in an old browser", { origin: www, ...site(undefined) }, "allowed", "allowed"],
    ["the API's own page", { origin: shop.PUBLIC_API_URL, ...site("same-origin") }, "allowed", "allowed"],
    ["its own page without an origin", { origin: undefined, ...site("same-origin") }, "origin", "allowed"],
    ["an old browser's without either", { origin: undefined, ...site(undefined) }, "origin", "allowed"],
    ["a link or an address that was typed", { origin: undefined, ...site("none") }, "origin", "origin"],
    ["a picture of a foreign page", { origin: undefined, ...site("cross-site") }, "origin", "origin"],
    ["a picture of a sister host", { origin: undefined, ...site("same-site") }, "origin", "origin"],
    ["a foreign page", { origin: "https://evil.example", ...site("cross-site") }, "origin", "origin"],
    ["a foreign page that hides", { origin: "null", ...site("cross-site") }, "origin", "origin"],
    [
      "a sister host not listed",
      { origin: "https://blog.shop.example", ...site("same-site") },
      "origin",
      "origin",
    ],
    ["the site over http", { origin: "http://www.shop.example", ...site("cross-site") }, "origin", "origin"],
    ["the site's other port", { origin: `${www}:8443`, ...site("same-site") }, "origin", "origin"],
    [
      "a listed page of another domain",
      { origin: "https://sister.example", ...site("cross-site") },
      "site",
      "site",
    ],
    ["the same in an old browser", { origin: "https://sister.example", ...site(undefined) }, "site", "site"],
    ["a listed page that the browser calls foreign", { origin: www, ...site("cross-site") }, "site", "site"],
  ];

  it.each(cases)("%s", async (_title, headers, unsafe, safe) => {
    const calls: readonly (readonly [InjectOptions & { url: string }, Outcome, number])[] = [
      [logIn, unsafe, 200],
      [{ method: "PATCH", url: "/user/", payload: { first_name: "P" } }, unsafe, 200],
      [{ method: "DELETE", url: "/user/sessions/current/" }, unsafe, 204],
      [{ url: "/user/" }, safe, 200],
      [{ url: "/users/usernames/x1234/count/" }, safe, 200],
    ];
    for (const [call, outcome, status] of calls) {
      const page = openPage(test);
      await page.logIn();
      const before = page.session();
      const answer = await page.call({ ...call, headers });
      if (outcome === "allowed") {
        expect(answer.statusCode, `${call.url}: ${answer.body}`).toBe(status);
        continue;
      }
      expect(answer.statusCode, `${call.url}: ${answer.body}`).toBe(403);
      expect(answer.json().detail).toMatch(texts[outcome]);
      expect(answer.headers).not.toHaveProperty("set-cookie");
      expect(page.session()).toBe(before);
      expect(await page.status()).toBe(200);
    }
  });

  it("a log-in by GET is one of them, and what it brought is still good", async () => {
    const url = "/oauth/qq/user/?code=x&state=y";
    const page = openPage(test);
    for (const headers of [{ origin: "https://evil.example" }, site("none"), site("cross-site")]) {
      const answer = await page.call({ url, headers: { origin: undefined, ...headers } });
      expect(answer.json().detail).toMatch(texts.origin);
    }
    expect((await page.call({ url })).statusCode).not.toBe(403);
  });

  it("a third-party log-in sets a cookie only in the browser that began it", async () => {
    // The link of somebody else's log-in, opened in a browser that began none.
    const answer = await openPage(test).call({ url: "/oauth/qq/user/?code=x&state=y" });
    expect(answer.json().message).toBe("登录请求已失效，请返回登录页重新开始。");
    expect(sessionCookieOf(answer)).toBeUndefined();
  });

  it("requests of no session are asked nothing: without the header, without a cookie, by a token", async () => {
    const headers = { origin: "https://evil.example", "sec-fetch-site": "cross-site" };
    const token = (await test.anonymous(logIn)).json().token;
    for (const request of [
      { ...logIn, headers },
      { url: "/users/usernames/x1234/count/", headers: { ...headers, ...asked } },
      { url: "/user/", headers: { ...headers, ...asked, authorization: `JWT ${token}` } },
    ]) {
      const answer = await test.anonymous(request);
      expect(answer.statusCode, answer.body).toBe(200);
      expect(sessionCookieOf(answer)).toBeUndefined();
    }
    expect((await test.anonymous({ url: "/user/", headers: { ...headers, ...asked } })).statusCode).toBe(401);
  });

  it("a preflight lets listed pages alone ask for a cookie", async () => {
    const preflight = async (origin: string) => {
      const { headers } = await test.anonymous({
        ...{ method: "OPTIONS", url: "/user/" },
        headers: {
          origin,
          "access-control-request-method": "GET",
          "access-control-request-headers": "x-meiduo-session",
        },
      });
      return headers["access-control-allow-headers"];
    };
    expect(await preflight("https://www.shop.example")).toContain("x-meiduo-session");
    for (const origin of ["https://evil.example", "https://blog.shop.example", "null"]) {
      expect(await preflight(origin)).toBeUndefined();
    }
  });
});

describe("where there can be no session in a cookie", () => {
  async function answerOf(env: Record<string, string>, headers: Record<string, string>) {
    const test = await startTestApp({ env });
    try {
      await makePerson(test, "python01");
      return await test.anonymous({ ...logIn, headers: { ...asked, ...headers } });
    } finally {
      await test.close();
    }
  }
  const tutorial = { host: "api.meiduo.com:8000", origin: "http://www.meiduo.com:8080" };
  const meiduo = { PUBLIC_API_URL: "http://api.meiduo.com:8000", PUBLIC_SITE_URL: tutorial.origin };

  it.each([
    ["plain http of a host that is not this machine", meiduo, tutorial, "insecure"],
    ["OAUTH_STATE=path", { ...shop, OAUTH_STATE: "path" }, { origin: "https://www.shop.example" }, "state"],
    ["two names of this machine", {}, { host: "127.0.0.1:8000", origin: "http://localhost:8080" }, "site"],
  ] as const)("%s: it is refused, and says why", async (_title, env, headers, why) => {
    const answer = await answerOf(env, headers);
    expect(answer.statusCode).toBe(403);
    expect(answer.json().detail).toMatch(texts[why]);
    expect(answer.headers).not.toHaveProperty("set-cookie");
  });

  it.each([
    ["localhost", "localhost:8000", "http://localhost:8080"],
    ["127.0.0.1", "127.0.0.1:8000", "http://127.0.0.1:3000"],
    ["a name under localhost", "app.localhost:8000", "http://app.localhost:8080"],
    ["IPv6", "[::1]:8000", "http://[::1]:8080"],
  ])("%s is this machine: there is one, without what Safari refuses there", async (_title, host, origin) => {
    const answer = await answerOf({}, { host, origin });
    expect(answer.statusCode, answer.body).toBe(200);
    expect(sessionCookieOf(answer)).toMatch(/^meiduo_session=[\w.-]+; Path=\/; HttpOnly; SameSite=Strict$/);
  });
});
