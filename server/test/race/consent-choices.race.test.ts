import { afterAll, beforeAll, expect, it } from "vitest";
import { makePerson } from "../support/people.ts";
import { restartedSite } from "../support/restarted-site.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";
import { testSecretKey } from "../support/test-secret-key.ts";

/**
 * Two servers on one database: what one gives many times at once is given once, each change of mind is a row of its own, and each is told
 * once.
 */
const times = 20;
const env = { MARKETING_CONSENT_VERSION: "1", AGE_GATE: "guardian" };
let test: TestApp;
let second: Awaited<ReturnType<typeof restartedSite>>;
beforeAll(async () => {
  test = await startTestApp({ env });
  second = await restartedSite(test, { secretKey: testSecretKey });
});
const operator = { id: null, name: "op (manage)", requestId: null };
/** Versions of which an endpoint is told while `what` happens, in their order. */
async function versionsDuring(what: () => Promise<unknown>): Promise<number[]> {
  const { webhooks } = test.app;
  const at = { url: "https://crm.example/in", events: ["user.updated"] };
  const { endpoint } = await webhooks.add(operator, at);
  await what();
  const told = await webhooks.deliveries(endpoint.id, { limit: 100 });
  await webhooks.remove(operator, endpoint.id);
  return told.map(({ body }) => JSON.parse(body).data.version as number).toSorted((a, b) => a - b);
}
afterAll(async () => {
  await second.close();
  await test.close();
});

const call = (server: number, method: "PUT" | "DELETE" | "POST", token: string) =>
  (server % 2 === 0 ? test : second).anonymous({
    ...{ method, url: method === "POST" ? "/user/age/" : "/user/consents/marketing/" },
    headers: { authorization: `JWT ${token}` },
    ...(method === "PUT" && { payload: { version: "1" } }),
    ...(method === "POST" && { payload: { age_declared: "14_or_older" } }),
  });
const rows = (userId: number) =>
  test.app.db.kysely
    .selectFrom("consent_choices")
    .select(["given"])
    .where("user_id", "=", userId)
    .orderBy("chosen_at")
    .execute();

it("given by many at once: once", async () => {
  const { id, token } = await makePerson(test, "giver001");
  const answers = await Promise.all(Array.from({ length: times }, (_, i) => call(i, "PUT", token)));
  expect(new Set(answers.map(({ statusCode }) => statusCode))).toEqual(new Set([200]));
  expect(await rows(id)).toHaveLength(1);
});

it("given and withdrawn at once: the rows alternate, and the last one stands", async () => {
  const { id, token } = await makePerson(test, "giver002");
  const versions = await versionsDuring(() =>
    Promise.all(Array.from({ length: times }, (_, i) => call(i, i % 3 === 0 ? "DELETE" : "PUT", token))),
  );
  const given = (await rows(id)).map((row) => Number(row.given));
  expect(given).toEqual(given.map((_, at) => (at + 1) % 2));
  expect([versions.length, new Set(versions).size]).toEqual([given.length, given.length]);
});

it("an age said by many at once: once", async () => {
  const { id, token } = await makePerson(test, "giver003");
  const versions = await versionsDuring(async () => {
    const answers = await Promise.all(Array.from({ length: times }, (_, i) => call(i, "POST", token)));
    expect(new Set(answers.map(({ statusCode }) => statusCode))).toEqual(new Set([200]));
  });
  const kept = await test.app.db.kysely
    .selectFrom("age_declarations")
    .select("declared")
    .where("user_id", "=", id)
    .execute();
  expect([kept.length, versions.length]).toEqual([1, 1]);
});
