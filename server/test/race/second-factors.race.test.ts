import { afterAll, beforeAll, expect, it } from "vitest";
import { makePerson, password } from "../support/people.ts";
import { restartedSite } from "../support/restarted-site.ts";
import { appCode, switchOnSecondFactor } from "../support/second-factor.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";
import { testSecretKey } from "../support/test-secret-key.ts";

/** Two servers on one database, as two processes have it: of many that show one code at once exactly one wins. */
const times = 50;
let test: TestApp;
let second: Awaited<ReturnType<typeof restartedSite>>;
beforeAll(async () => {
  test = await startTestApp();
  second = await restartedSite(test, { secretKey: testSecretKey });
});
afterAll(async () => {
  await second.close();
  await test.close();
});

const post = (server: number, url: string, payload: object, headers = {}) =>
  (server % 2 === 0 ? test : second).anonymous({ method: "POST", url, payload, headers });
const stepOf = async (username: string, headers = {}) =>
  (await post(0, "/users/authorizations/", { username, password }, headers)).json().step as string;

/** Guesses are limited, too, and where the machine is too busy the database tells some to come back: those are no win. */
async function winners(steps: readonly string[], code: string): Promise<number> {
  const answers = await Promise.all(
    Array.from({ length: times }, (_, i) =>
      post(i, "/users/second-factor/", { step: steps[i % steps.length]!, code }),
    ),
  );
  const codes = answers.map(({ statusCode }) => statusCode);
  expect(
    codes.every((one) => [200, 400, 429, 503].includes(one)),
    codes.join(),
  ).toBe(true);
  return codes.filter((one) => one === 200).length;
}

it("one code of the app, shown 50 times by as many log-ins", async () => {
  await makePerson(test, "python01");
  const { next } = await switchOnSecondFactor(test, "python01");
  const steps: string[] = [];
  for (let i = 0; i < times; i++) steps.push(await stepOf("python01"));
  expect(await winners(steps, next())).toBe(1);
});

/**
 * Forty of the fifty above are told to wait: a device, or all strangers together, have ten guesses an hour, which are counted
 * before a code is looked at. So a code that is right may meet a full count, and then it is a known device of the owner's, which
 * has a count of its own, that comes in.
 */
it("one right code of the owner's known device among 50 at once, the others strangers' guesses", async () => {
  await makePerson(test, "python05");
  const { next, recoveryCodes } = await switchOnSecondFactor(test, "python05");
  const stranger = { "user-agent": "curl/8.14" };
  const steps: string[] = [];
  for (let i = 0; i < times; i++) steps.push(await stepOf("python05", i === 25 ? {} : stranger));
  const code = next();
  const wrong = code === "000000" ? "000001" : "000000";
  const answers = await Promise.all(
    steps.map((step, i) =>
      i === 25
        ? post(i, "/users/second-factor/", { step, code })
        : post(i, "/users/second-factor/", { step, code: wrong }, stranger),
    ),
  );
  const codes = answers.map(({ statusCode }) => statusCode);
  expect(codes[25], codes.join()).toBe(200);
  expect(codes.filter((one) => one === 200)).toHaveLength(1);
  // Ten were looked at, whatever else the busy machine says.
  expect(codes.filter((one) => one === 400).length).toBeLessThanOrEqual(10);
  const later = await post(0, "/users/second-factor/", { step: await stepOf("python05"), code: next() });
  expect(later.statusCode, "the known device, later").toBe(200);
  const recovered = { step: await stepOf("python05", stranger), code: recoveryCodes[0]! };
  const elsewhere = await post(0, "/users/second-factor/", recovered, stranger);
  expect(elsewhere.statusCode, "a recovery code, of a stranger").toBe(200);
});

it("one recovery code, shown 50 times by as many log-ins", async () => {
  await makePerson(test, "python02");
  const { recoveryCodes } = await switchOnSecondFactor(test, "python02");
  const steps: string[] = [];
  for (let i = 0; i < times; i++) steps.push(await stepOf("python02"));
  expect(await winners(steps, recoveryCodes[0]!)).toBe(1);
});

it("one step, finished at once by ten codes that are each good, opens one session", async () => {
  await makePerson(test, "python03");
  const { recoveryCodes } = await switchOnSecondFactor(test, "python03");
  const step = await stepOf("python03");
  const answers = await Promise.all(
    recoveryCodes.map((code, i) => post(i, "/users/second-factor/", { step, code })),
  );
  expect(answers.filter(({ statusCode }) => statusCode === 200)).toHaveLength(1);
});

it("two pages that switch it on at once: one secret is kept, and one set of recovery codes", async () => {
  await makePerson(test, "python04");
  const owner = (await test.app.users.byLoginName("python04"))!;
  const begun = await Promise.all(
    Array.from({ length: 10 }, (_, i) => (i % 2 === 0 ? test : second).app.secondFactors.begin(owner, "zh")),
  );
  const stored = await test.app.secondFactors.begin(owner, "zh").then(({ secret }) => secret);
  // Whoever has the password can begin, too: what they are shown is never what the owner's app is given.
  expect(new Set(begun.map(({ secret }) => secret)).size).toBe(10);
  const code = appCode(stored, test.clock.now());
  const confirmed = await Promise.allSettled(
    Array.from({ length: 10 }, (_, i) =>
      (i % 2 === 0 ? test : second).app.secondFactors.confirm(owner, code, "zh"),
    ),
  );
  expect(confirmed.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
});
