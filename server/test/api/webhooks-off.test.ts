import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { makePerson, type Person, tokenOf } from "../support/people.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";

/** What happens to accounts while an endpoint is sent nothing: by whoever switched it off, and when it is told of it. */
let receiver: Server;
let status = 204;
let got: { type: string; data: { user_id: number; version: number } }[] = [];
let url: string;
let test: TestApp;
let root: Person;
const operator = { id: null, name: "op (manage)", requestId: null };
const day = 24 * 3600;

beforeAll(async () => {
  receiver = createServer((request, response) => {
    let body = "";
    request.on("data", (piece) => {
      body += piece;
    });
    request.on("end", () => {
      if (status === 204) got.push(JSON.parse(body));
      response.writeHead(status).end();
    });
  });
  await new Promise<void>((resolve) => receiver.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/in`;
  test = await startTestApp({ env: { WEBHOOK_PRIVATE_HOSTS: "127.0.0.1" } });
  root = await makePerson(test, "rootuser", { is_superuser: 1, email: "root@example.com" });
});
afterAll(async () => {
  await test.close();
  receiver.closeAllConnections();
  await new Promise((resolve) => receiver.close(resolve));
});
afterEach(async () => {
  for (const { id } of await test.app.webhooks.list()) await test.app.webhooks.remove(operator, id);
  await test.runJobs();
  [got, status] = [[], 204];
});

const make = async (...events: string[]) =>
  (await test.app.webhooks.add(operator, { url, events })).endpoint.id;
const turn = (id: number, isOn: boolean) => test.app.webhooks.change(operator, id, { isOn });
const stateOf = async (id: number) => (await test.app.webhooks.find(id)).state;
async function rename(id: number, first_name: string): Promise<void> {
  const call = { method: "PATCH", url: `/admin/users/${id}/`, payload: { first_name } } as const;
  const answer = await test.as(await tokenOf(test, root.username))(call);
  expect(answer.statusCode, answer.body).toBe(200);
}
async function erase(id: number): Promise<void> {
  const call = {
    method: "DELETE",
    url: `/admin/users/${id}/`,
    payload: { reason: "asked by them" },
  } as const;
  const answer = await test.as(await tokenOf(test, root.username))(call);
  expect(answer.statusCode, answer.body).toBeLessThan(300);
  test.clock.advance(8 * day);
  await test.app.maintenance.run();
  await test.runJobs();
}
/** In the order of what happened, which need not be that in which it came. */
const told = () =>
  got
    .toSorted((one, other) => one.data.version - other.data.version)
    .map(({ type, data }) => [type, data.user_id]);

it("switched off by an operator it is told of it when it is on again, and of nothing before", async () => {
  const { id: person } = await makePerson(test, "off01", { email: "off01@example.com" });
  const id = await make("user.updated", "user.deleted");
  await turn(id, false);
  await rename(person, "三");
  await erase(person);
  expect(told()).toEqual([]);
  await turn(id, true);
  await test.runJobs();
  expect(told()).toEqual([
    ["user.updated", person],
    ["user.deleted", person],
  ]);
});

it("switched off after failures it is told of an account that was deleted meanwhile", async () => {
  const { id: person } = await makePerson(test, "off02", { email: "off02@example.com" });
  const id = await make("user.deleted");
  status = 500;
  for (let days = 0; days <= 6; days++) {
    await test.app.webhooks.test(operator, id);
    await test.runJobs();
    test.clock.advance(day);
  }
  expect(await stateOf(id)).toBe("failing");
  status = 204;
  await erase(person);
  expect(got).toEqual([]);
  await turn(id, true);
  await test.runJobs();
  expect(told()).toContainEqual(["user.deleted", person]);
  expect(got.filter(({ type }) => type === "user.deleted")).toHaveLength(1);
});

it("that said 410 is kept nothing for, and nobody what it does not list", async () => {
  const { id: person } = await makePerson(test, "off03", { email: "off03@example.com" });
  const [gone, other] = [await make("user.updated"), await make("user.disabled")];
  await turn(other, false);
  status = 410;
  await test.app.webhooks.test(operator, gone);
  await test.runJobs();
  expect(await stateOf(gone)).toBe("gone");
  status = 204;
  await rename(person, "三");
  await turn(gone, true);
  await turn(other, true);
  test.clock.advance(10);
  await test.runJobs();
  expect(got.map(({ type }) => type)).toEqual(["webhook.test"]);
});

it("what waits for one that stays off is gone after thirty days", async () => {
  const { id: person } = await makePerson(test, "off04", { email: "off04@example.com" });
  const id = await make("user.updated");
  await turn(id, false);
  await rename(person, "三");
  const waiting = async () => (await test.app.webhooks.deliveries(id, { limit: 200 })).length;
  test.clock.advance(29 * day);
  await test.app.maintenance.run();
  expect(await waiting()).toBe(1);
  test.clock.advance(day + 1);
  await test.app.maintenance.run();
  expect(await waiting()).toBe(0);
});
