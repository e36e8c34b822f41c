import { afterAll, beforeAll, expect, it } from "vitest";
import { setUpOf } from "../../src/cli/run/set-up.ts";
import { systemClock } from "../../src/kernel/clock.ts";
import { makePerson, type Person } from "../support/people.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";

/** The settings in force and the doctor's findings, as whoever starts the process tells the console. */
let site: TestApp;
let root: Person;
const secretKey = "a-secret-key-that-nobody-may-read-1234567890";
const source = { SECRET_KEY: secretKey, WEB_PORT: "8123", SMS_COUNTRIES: "CN", CONTRACT: "classic" };
let looks = 0;

beforeAll(async () => {
  site = await startTestApp({
    setUp: {
      settings: () => setUp().settings(),
      async diagnose() {
        looks += 1;
        await new Promise((resolve) => setImmediate(resolve));
        return setUp().diagnose();
      },
    },
  });
  root = await makePerson(site, "rootuser", { is_superuser: 1 });
});
afterAll(() => site.close());

const setUp = () =>
  setUpOf({ source, environment: { WEB_PORT: "8123" } }, { ...site.config, secretKey }, systemClock);

it("says where each value comes from, and shows no secret", async () => {
  const answer = await site.as(root.token)({ url: "/admin/settings/" });
  expect(answer.statusCode, answer.body).toBe(200);
  const { results } = answer.json() as { results: { name: string; value: string; from: string }[] };
  const of = (name: string) => results.find((one) => one.name === name);
  expect(of("WEB_PORT")).toMatchObject({ value: "8123", from: "environment" });
  expect(of("SMS_COUNTRIES")).toMatchObject({ from: "file" });
  expect(of("SECRET_KEY")).toMatchObject({ from: "file" });
  expect(of("API_PORT")).toMatchObject({ from: "default" });
  expect(results.some(({ from }) => from === "contract")).toBe(true);
  expect(answer.body).not.toContain(secretKey);
});

it("answers many who ask the doctor at once by one look", async () => {
  const call = () => site.as(root.token)({ method: "POST", url: "/admin/doctor/" });
  const answers = await Promise.all([call(), call(), call()]);
  for (const answer of answers) expect(answer.statusCode, answer.body).toBe(200);
  expect(looks).toBe(1);
  const { results } = answers[0]!.json() as { results: { check: string; level: string; zh: string }[] };
  expect(results.find(({ check }) => check === "node")).toMatchObject({ level: "ok" });
});

it("shows what the doctor found in the last ten minutes without another look", async () => {
  const before = looks;
  const read = async () => {
    const answer = await site.as(root.token)({ url: "/admin/doctor/" });
    expect(answer.statusCode, answer.body).toBe(200);
    return answer.json() as { at: string; results: { check: string }[] };
  };
  const found = await read();
  expect(looks).toBe(before);
  site.clock.advance(599);
  expect((await read()).at).toBe(found.at);
  expect(looks).toBe(before);
  site.clock.advance(2);
  const again = await read();
  expect(again.at).toBe(new Date(site.clock.now()).toISOString());
  expect(looks).toBe(before + 1);
});
