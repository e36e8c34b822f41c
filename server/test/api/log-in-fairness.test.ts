import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makePerson, password } from "../support/people.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";

/** Hashes are what everybody shares: one at a time here, with few places to wait. */
let test: TestApp;
beforeAll(async () => {
  test = await startTestApp({
    env: {
      ...{ TRUST_PROXY: "1", HASH_CONCURRENCY: "1", HASH_QUEUE_LIMIT: "40", AUTHENTICATORS: "jwt,basic" },
      ...{ LOGIN_FAILURE_LIMIT: "1000", LOGIN_FAILURE_LIMIT_PER_DAY: "1000" },
    },
  });
  for (let i = 0; i <= 12; i++) await makePerson(test, `person${i}`);
});
afterAll(() => test.close());

const from = (client: string) => ({ "x-forwarded-for": client, "user-agent": "Firefox/127.0" });
const logIn = (username: string, client: string, typed = password) =>
  test.anonymous({
    method: "POST",
    url: "/users/authorizations/",
    payload: { username, password: typed },
    headers: from(client),
  });
/** Twelve others, each from a network of their own, while the requests of `flood` wait. */
async function othersDuring(flood: (i: number) => Promise<{ statusCode: number }>) {
  const flooding = Array.from({ length: 260 }, (_, i) => flood(i));
  // Once its first is served, the waiting places are full.
  await Promise.race(flooding);
  const others = await Promise.all(
    Array.from({ length: 12 }, (_, i) => logIn(`person${i + 1}`, `198.51.100.${i + 1}`)),
  );
  const flooded = await Promise.all(flooding);
  return { others: others.map(({ statusCode }) => statusCode), flooded };
}
const everybody = Array(12).fill(200);

describe("260 requests of one client at once keep out none of twelve others", () => {
  it("right log-ins of one account", async () => {
    const { others, flooded } = await othersDuring(() => logIn("person0", "203.0.113.1"));
    expect(others).toEqual(everybody);
    // The flood was more than the server could do.
    expect(flooded.some(({ statusCode }) => statusCode === 503)).toBe(true);
  });

  it("guesses at as many names", async () => {
    const { others } = await othersDuring((i) => logIn(`nobody${i}`, "203.0.113.2", "wrong-one"));
    expect(others).toEqual(everybody);
  });

  it("requests by HTTP Basic", async () => {
    const authorization = `Basic ${Buffer.from(`person0:${password}`).toString("base64")}`;
    const { others } = await othersDuring(() =>
      test.anonymous({ url: "/user/", headers: { ...from("203.0.113.3"), authorization } }),
    );
    expect(others).toEqual(everybody);
  });

  it("changes of a password", async () => {
    const { token } = (await logIn("person0", "203.0.113.4")).json();
    const { others } = await othersDuring(() =>
      test.as(token)({
        method: "PUT",
        url: "/user/password/",
        payload: { current_password: "wrong-one", password: "another-9", password2: "another-9" },
        headers: from("203.0.113.4"),
      }),
    );
    expect(others).toEqual(everybody);
  });

  it("a client in the flood's own network, by a device the account knows", async () => {
    await logIn("person1", "203.0.113.5");
    const flooding = Array.from({ length: 260 }, (_, i) => logIn(`nobody${i}`, "203.0.113.5", "wrong-one"));
    await Promise.race(flooding);
    expect((await logIn("person1", "203.0.113.5")).statusCode).toBe(200);
    await Promise.all(flooding);
  });
});

it("guesses that each come from another network keep out nobody whose device the account knows", async () => {
  const home = (i: number) => `198.51.100.${i}`;
  const owners = Array.from({ length: 12 }, (_, i) => i + 1);
  for (const i of owners) await logIn(`person${i}`, home(i));
  const flooding = Array.from({ length: 260 }, (_, i) =>
    logIn(`nobody${i}`, `2001:db8:0:${i.toString(16)}::1`, "wrong-one"),
  );
  await Promise.race(flooding);
  const answers = await Promise.all(owners.map((i) => logIn(`person${i}`, home(i))));
  expect(answers.map(({ statusCode }) => statusCode)).toEqual(everybody);
  expect((await Promise.all(flooding)).some(({ statusCode }) => statusCode === 503)).toBe(true);
});
