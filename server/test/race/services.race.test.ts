import { afterAll, beforeAll, expect, it } from "vitest";
import { makePerson } from "../support/people.ts";
import { restartedSite } from "../support/restarted-site.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";
import { testSecretKey } from "../support/test-secret-key.ts";

/** Two servers on one database, as two processes have it. */
let test: TestApp;
let second: Awaited<ReturnType<typeof restartedSite>>;
let url: string;
const operator = { id: null, name: "op (manage)", requestId: null };
let count = 0;

beforeAll(async () => {
  test = await startTestApp();
  second = await restartedSite(test, { secretKey: testSecretKey });
  url = `/admin/users/${(await makePerson(test, "python01")).id}/`;
});
afterAll(async () => {
  await second.close();
  await test.close();
});

const apps = () => [test.app, second.app];
const make = () =>
  test.app.services.add(operator, {
    ...{ name: `shop-${++count}`, scopes: ["users.view_user"], networks: [], lifeSeconds: null },
  });
const statusOf = async (secret: string, server = 0) => {
  const headers = { authorization: `Bearer ${secret}` };
  return (await apps()[server % 2]!.api.inject({ url, headers })).statusCode;
};
const rotate = (name: string, keepSeconds: number, server = 0) =>
  apps()
    [server % 2]!.services.rotate(operator, name, keepSeconds)
    .then(
      ({ secret }) => ({ secret, code: null }),
      (error: { code?: string }) => ({ secret: null, code: error.code ?? String(error) }),
    );
const numbers = Array.from({ length: 10 }, (_, i) => i);

it("of ten rotations at once one is made, and whoever was handed a secret keeps it", async () => {
  for (let round = 0; round < 5; round++) {
    const { service, secret } = await make();
    const all = await Promise.all(numbers.map((i) => rotate(service.name, 3600, i)));
    const made = all.flatMap((one) => (one.secret === null ? [] : [one.secret]));
    expect(made).toHaveLength(1);
    expect(new Set(all.map(({ code }) => code))).toEqual(new Set([null, "service_rotating"]));
    expect([await statusOf(secret), await statusOf(made[0]!)]).toEqual([200, 200]);
  }
});

it("of ten that end every old secret at once each is made, and one secret is left", async () => {
  const { service, secret } = await make();
  const all = await Promise.all(numbers.map((i) => rotate(service.name, 0, i)));
  expect(all.map(({ code }) => code)).toEqual(numbers.map(() => null));
  const statuses = await Promise.all([secret, ...all.map((one) => one.secret!)].map((one) => statusOf(one)));
  expect(statuses.filter((status) => status === 200)).toHaveLength(1);
  expect(statuses[0]).toBe(401);
});

it("a rotation cuts off no request in between", async () => {
  for (let round = 0; round < 5; round++) {
    const { service, secret } = await make();
    const asked = Promise.all(numbers.map((i) => statusOf(secret, i)));
    const { secret: next } = await rotate(service.name, 3600, round);
    expect(await asked).toEqual(numbers.map(() => 200));
    expect(await statusOf(next!, round + 1)).toBe(200);
  }
});

it("after a revocation no request passes, whatever was under way", async () => {
  for (let round = 0; round < 5; round++) {
    const { service, secret } = await make();
    const asked = Promise.all(numbers.map((i) => statusOf(secret, i)));
    await apps()[round % 2]!.services.revoke(operator, service.name);
    for (const server of [0, 1]) expect(await statusOf(secret, server)).toBe(401);
    for (const status of await asked) expect([200, 401]).toContain(status);
    const left = await test.app.db.kysely
      .selectFrom("service_secrets")
      .select("secret_mac")
      .where("service_id", "=", service.id)
      .execute();
    expect(left).toEqual([]);
  }
});

it("of a rotation and a revocation at once nothing is left", async () => {
  for (let round = 0; round < 5; round++) {
    const { service, secret } = await make();
    const [rotated] = await Promise.all([
      rotate(service.name, round % 2 === 0 ? 3600 : 0, round),
      apps()[(round + 1) % 2]!.services.revoke(operator, service.name),
    ]);
    expect([null, "not_found"]).toContain(rotated.code);
    expect(await statusOf(secret)).toBe(401);
    if (rotated.secret !== null) expect(await statusOf(rotated.secret)).toBe(401);
  }
});

it("twenty of one name at once make one", async () => {
  const name = `twin-${++count}`;
  const input = { name, scopes: ["users.view_user"], networks: [], lifeSeconds: null };
  const all = await Promise.allSettled(
    Array.from({ length: 20 }, (_, i) => apps()[i % 2]!.services.add(operator, input)),
  );
  expect(all.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
});
