import { afterAll, beforeAll, expect, it } from "vitest";
import { openPage, shop } from "../support/cookie-page.ts";
import { joiningUrl, makeBound, ready } from "../support/joining.ts";
import { makePerson, password } from "../support/people.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";

/** A foreign page that somebody with a session in a cookie opens joins nothing and begins nothing, nor does a link. */
let test: TestApp;
beforeAll(async () => {
  test = await startTestApp({ env: shop });
});
afterAll(() => test.close());

const foreign = [
  { origin: "https://evil.example", "sec-fetch-site": "cross-site" },
  { origin: "null", "sec-fetch-site": "cross-site" },
  { origin: undefined, "sec-fetch-site": "none" },
  { origin: undefined, "sec-fetch-site": undefined },
  { origin: "https://blog.shop.example", "sec-fetch-site": "same-site" },
] as const;

it("from anywhere but the site: refused, whatever is known of both accounts", async () => {
  const kept = await makePerson(test, "shopper1");
  const joined = await makeBound(test, "shopper2");
  const sent = { ...(await ready(test, kept, joined)), current_password: password };
  const page = openPage(test);
  const logIn = { username: kept.username, password };
  const entered = await page.call({ method: "POST", url: "/users/authorizations/", payload: logIn });
  expect(entered.statusCode).toBe(200);
  const calls = [
    ["offer/", {}],
    ["ticket/", { offer: "none", current_password: password }],
    ["preview/", { ticket: sent.ticket }],
    ["", sent],
  ] as const;
  const there = async () =>
    (await test.app.db.kysely.selectFrom("users").select("id").where("id", "=", joined.id).execute()).length;
  for (const [end, payload] of calls) {
    const url = `${joiningUrl}${end}`;
    for (const headers of foreign) {
      for (const type of ["application/json", "application/x-www-form-urlencoded", "text/plain"]) {
        const body =
          type === "application/x-www-form-urlencoded"
            ? String(new URLSearchParams(payload as Record<string, string>))
            : JSON.stringify(payload);
        const answer = await page.call({
          ...{ method: "POST", url, payload: body },
          headers: { ...headers, "content-type": type },
        });
        expect([end, headers, type, answer.statusCode]).toEqual([end, headers, type, 403]);
      }
    }
    const query = new URLSearchParams(payload as Record<string, string>);
    for (const method of ["GET", "HEAD", "PUT", "PATCH", "DELETE"] as const) {
      const got = await page.call({ method, url: `${url}?${query}` });
      expect([method, got.statusCode, got.headers.allow]).toEqual([method, 405, "POST, OPTIONS"]);
    }
    expect(await there()).toBe(1);
  }
  // The site itself is let through.
  expect((await page.call({ method: "POST", url: joiningUrl, payload: sent })).statusCode).toBe(200);
  expect(await there()).toBe(0);
});
