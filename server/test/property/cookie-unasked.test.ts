import fc from "fast-check";
import type { HTTPMethods } from "fastify";
import { afterAll, beforeAll, expect, it } from "vitest";
import { asked, openPage, sessionCookieOf, shop } from "../support/cookie-page.ts";
import { makePerson, password } from "../support/people.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";

/** Whatever else a request says, without the one header no session is put into a cookie, used or deleted. */
let test: TestApp;
let live: string;
beforeAll(async () => {
  test = await startTestApp({ env: { ...shop, QQ_CLIENT_ID: "100000001", QQ_CLIENT_SECRET: "never-sent" } });
  await makePerson(test, "python01");
  const page = openPage(test);
  await page.logIn();
  live = page.session()!;
});
afterAll(() => test.close());

const routes: readonly (readonly [HTTPMethods, string])[] = [
  ["POST", "/users/authorizations/"],
  ["POST", "/authorizations/"],
  ["POST", "/api/token/"],
  ["POST", "/users/"],
  ["GET", "/oauth/qq/user/?code=x&state=y"],
  ["POST", "/oauth/qq/user/"],
  ["GET", "/user/"],
  ["GET", "/users/usernames/x1234/count/"],
  ["DELETE", "/user/sessions/current/"],
  ["DELETE", "/user/sessions/"],
  ["POST", "/user/tokens/end/"],
  ["POST", "/user/tokens/refresh/"],
];
const origins = ["https://www.shop.example", "https://evil.example", "null", shop.PUBLIC_API_URL];
const request = fc.record({
  route: fc.constantFrom(...routes),
  origin: fc.option(fc.constantFrom(...origins), { nil: undefined }),
  site: fc.option(fc.constantFrom("same-origin", "same-site", "cross-site", "none"), { nil: undefined }),
  header: fc.option(
    fc.oneof(
      fc.string({ maxLength: 12 }),
      fc.constantFrom("Cookie", "cookie;", "cookie cookie", "token", "1"),
    ),
    { nil: undefined },
  ),
  requestedWith: fc.option(fc.constantFrom("XMLHttpRequest", "cookie"), { nil: undefined }),
  cookie: fc.constantFrom("live", "none", "bad"),
  fields: fc.constantFrom({}, { refresh: true }, { cookie: true }, { session: "cookie" }),
});

it("no cookie of a session comes unasked, and one that came along is neither used nor deleted", async () => {
  await fc.assert(
    fc.asyncProperty(request, async ({ route: [method, url], fields, ...said }) => {
      fc.pre(said.header?.trim() !== asked["x-meiduo-session"]);
      const values = { live, none: "", bad: `${live.slice(0, -1)}.` };
      const headers = {
        host: "api.shop.example",
        origin: said.origin,
        "sec-fetch-site": said.site,
        "x-meiduo-session": said.header?.replace(/[^\x20-\x7e]/g, ""),
        "x-requested-with": said.requestedWith,
        cookie: `__Host-meiduo_session=${values[said.cookie as keyof typeof values]}`,
      };
      const sent = Object.entries(headers).filter(([, value]) => value !== undefined);
      const payload = method === "POST" ? { username: "python01", password, ...fields } : undefined;
      const answer = await test.anonymous({
        ...{ method, url, headers: Object.fromEntries(sent) },
        ...(payload && { payload }),
      });
      expect(answer.statusCode).toBeLessThan(500);
      expect(answer.statusCode).not.toBe(403);
      expect(sessionCookieOf(answer)).toBeUndefined();
      if (url.startsWith("/user/") && method !== "POST") expect(answer.statusCode).toBe(401);
    }),
    { numRuns: Number(process.env.PROPERTY_RUNS ?? 200) },
  );
  const page = openPage(test);
  page.cookies.set("__Host-meiduo_session", live);
  expect(await page.status()).toBe(200);
});
