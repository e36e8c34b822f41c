import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { restartedSite } from "../support/restarted-site.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";
import { testSecretKey } from "../support/test-secret-key.ts";

/** Two servers on one database, as two processes have it, and a receiver that counts. */
let test: TestApp;
let second: Awaited<ReturnType<typeof restartedSite>>;
let receiver: Server;
let url: string;
let got: string[] = [];
let atOnce = 0;
let most = 0;
const operator = { id: null, name: "op (manage)", requestId: null };
const numbers = Array.from({ length: 10 }, (_, i) => i);

beforeAll(async () => {
  receiver = createServer((request, response) => {
    atOnce++;
    most = Math.max(most, atOnce);
    got.push(String(request.headers["webhook-id"]));
    request.resume().on("end", () =>
      // Long enough for the others to come.
      setTimeout(() => {
        atOnce--;
        response.writeHead(204).end();
      }, 20),
    );
  });
  await new Promise<void>((resolve) => receiver.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/in`;
  test = await startTestApp({ env: { WEBHOOK_PRIVATE_HOSTS: "127.0.0.1" } });
  second = await restartedSite(test, { secretKey: testSecretKey });
});
afterAll(async () => {
  await second.close();
  await test.close();
  receiver.closeAllConnections();
  await new Promise((resolve) => receiver.close(resolve));
});
afterEach(async () => {
  for (const { id } of await test.app.webhooks.list()) await test.app.webhooks.remove(operator, id);
  [got, most] = [[], 0];
});

const apps = () => [test.app, second.app];
const make = async () => (await test.app.webhooks.add(operator, { url, events: [] })).endpoint;
const statesOf = async (id: number) =>
  (await test.app.webhooks.deliveries(id, { limit: 200 })).map(({ state }) => state);

it("of ten rotations at once one is made, so whoever was handed a secret keeps it", async () => {
  for (let round = 0; round < 5; round++) {
    const { id } = await make();
    const rotate = (at: number) =>
      apps()
        [at % 2]!.webhooks.rotate(operator, id)
        .then(
          () => "made",
          (error: { code?: string }) => error.code ?? String(error),
        );
    const all = await Promise.all(numbers.map(rotate));
    expect(all.toSorted()).toEqual(["made", ...numbers.slice(1).map(() => "webhook_rotating")]);
    await test.app.webhooks.remove(operator, id);
  }
});

it("each delivery is taken by one of two processes, and no more than four of an endpoint are under way", async () => {
  const { id } = await make();
  for (let n = 0; n < 40; n++) await test.app.webhooks.test(operator, id);
  await Promise.all(apps().flatMap(({ worker }) => [worker.runDue(), worker.runDue()]));
  await test.runJobs();
  expect([got.length, new Set(got).size]).toEqual([40, 40]);
  expect(most).toBeGreaterThan(1);
  expect(most).toBeLessThanOrEqual(4);
  expect(new Set(await statesOf(id))).toEqual(new Set(["delivered"]));
});

it("an endpoint that is switched off meanwhile is sent nothing that was not under way, and loses nothing", async () => {
  const { id } = await make();
  for (let n = 0; n < 40; n++) await test.app.webhooks.test(operator, id);
  const [, off] = await Promise.all([
    test.app.worker.runDue(),
    second.app.webhooks.change(operator, id, { isOn: false }).then(() => got.length),
  ]);
  // What had been taken by then went out: four at most.
  expect(got.length).toBeLessThanOrEqual(off + 4);
  await second.app.worker.runDue();
  const before = got.length;
  await test.runJobs();
  expect(got).toHaveLength(before);
  await test.app.webhooks.change(operator, id, { isOn: true });
  await Promise.all(apps().map(({ worker }) => worker.runDue()));
  expect([got.length, new Set(got).size]).toEqual([40, 40]);
});

it("of an event and the removal of its endpoint neither waits for the other nor leaves half of it", async () => {
  for (let round = 0; round < 5; round++) {
    const { id } = await make();
    const { id: other } = await make();
    await Promise.all([
      second.app.webhooks.remove(operator, id),
      ...numbers.map((n) => test.app.webhooks.test(operator, n % 2 === 0 ? id : other).catch(() => null)),
    ]);
    await test.runJobs();
    expect(new Set(await statesOf(other))).toEqual(new Set(["delivered"]));
    const rows = test.app.db.kysely
      .selectFrom("webhook_deliveries")
      .select("id")
      .where("endpoint_id", "=", id);
    expect(await rows.execute()).toEqual([]);
    await test.app.webhooks.remove(operator, other);
  }
});

it("changes of one account at once have a version each, and the last is the one that is read", async () => {
  const { id } = await make();
  const person = await test.signUp({ username: "raced01", email: "raced01@example.com" });
  got = [];
  const change = async (at: number) => {
    const as = [test, second][at % 2]!.as(person.token);
    return (await as({ method: "PATCH", url: "/user/", payload: { first_name: `n${at}` } })).statusCode;
  };
  expect(await Promise.all(numbers.map(change))).toEqual(numbers.map(() => 200));
  const rows = await test.app.webhooks.deliveries(id, { limit: 200 });
  const versions = rows
    .filter(({ type }) => type === "user.updated")
    .map(({ body }) => JSON.parse(body).data.version);
  expect([versions.length, new Set(versions).size]).toEqual([10, 10]);
  const { version } = await test.app.db.kysely
    .selectFrom("users")
    .select("version")
    .where("id", "=", person.id)
    .executeTakeFirstOrThrow();
  expect(Number(version)).toBe(Math.max(...versions));
});
