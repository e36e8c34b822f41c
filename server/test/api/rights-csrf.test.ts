import { afterAll, beforeAll, expect, it } from "vitest";
import { openPage, shop } from "../support/cookie-page.ts";
import { makePerson, password } from "../support/people.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";

/** A foreign page that somebody with a session in a cookie opens asks for no export and no deletion, nor does a link. */
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
const calls = [
  ["/user/export/", {}],
  ["/user/deletion/", { current_password: password }],
] as const;
const isUntouched = async (id: number) => {
  const { kysely } = test.app.db;
  const user = await kysely.selectFrom("users").select("deletion_due_at").where("id", "=", id).execute();
  const asked = await kysely.selectFrom("data_exports").select("id").where("user_id", "=", id).execute();
  expect([user, asked]).toEqual([[{ deletion_due_at: null }], []]);
};

it.each(calls)("%s from anywhere but the site: refused, and nothing is begun", async (url, payload) => {
  const username = `shopper${url.length}`;
  const { id } = await makePerson(test, username);
  const page = openPage(test);
  const logIn = { method: "POST", url: "/users/authorizations/", payload: { username, password } } as const;
  expect((await page.call(logIn)).statusCode).toBe(200);
  for (const headers of foreign) {
    for (const type of ["application/json", "application/x-www-form-urlencoded"]) {
      const body =
        type === "application/json" ? JSON.stringify(payload) : String(new URLSearchParams(payload));
      const answer = await page.call({
        ...{ method: "POST", url, payload: body },
        headers: { ...headers, "content-type": type },
      });
      expect([headers, answer.statusCode]).toEqual([headers, 403]);
    }
  }
  await isUntouched(id);
  for (const method of ["GET", "HEAD"] as const) await page.call({ method, url });
  const got = await page.call({ method: "GET", url: "/user/deletion/" });
  expect([got.statusCode, got.headers.allow]).toEqual([405, expect.stringContaining("POST")]);
  await isUntouched(id);
  // The site itself is let through.
  expect((await page.call({ method: "POST", url, payload })).statusCode).toBe(202);
});
