import { afterAll, beforeAll, expect, it } from "vitest";
import { makePerson, password } from "../support/people.ts";
import { restartedSite } from "../support/restarted-site.ts";
import { appCode, switchOnSecondFactor } from "../support/second-factor.ts";
import { softwarePasskey } from "../support/software-passkey.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";
import { testSecretKey } from "../support/test-secret-key.ts";

/** Two servers on one database and one kv store: a first second factor is set up once, and an app is moved once. */
let test: TestApp;
let second: Awaited<ReturnType<typeof restartedSite>>;
beforeAll(async () => {
  test = await startTestApp({
    env: { SECOND_FACTOR_REQUIRED_FOR: "staff", SECOND_FACTOR_GRACE_DAYS: "0" },
  });
  second = await restartedSite(test, { secretKey: testSecretKey });
});
afterAll(async () => {
  await second.close();
  await test.close();
});

const post = (server: number, url: string, payload: object, headers = {}) =>
  (server % 2 === 0 ? test : second).anonymous({ method: "POST", url, payload, headers });
const enrolment = "/users/second-factor/enrolment/";
const stepOf = async (username: string) =>
  (await post(0, "/users/authorizations/", { username, password })).json().step as string;

/** An answer of another device for another challenge of the step. */
async function made(step: string) {
  const begun = await post(0, `${enrolment}passkey/`, { step });
  return { step, passkey: softwarePasskey().register(begun.json().options) };
}

async function staff(username: string): Promise<number> {
  const { id } = await makePerson(test, username);
  await test.app.db.kysely.updateTable("users").set({ is_staff: 1 }).where("id", "=", id).execute();
  return id;
}

/** Exactly one is in. Where the machine is too busy the database tells some to come back: those are no win. */
function expectOne(answers: readonly { statusCode: number }[]): void {
  const codes = answers.map(({ statusCode }) => statusCode);
  expect(
    codes.every((code) => [200, 400, 429, 503].includes(code)),
    codes.join(),
  ).toBe(true);
  expect(codes.filter((code) => code === 200)).toHaveLength(1);
}

it("one answer of a device at one step, shown 50 times at once", async () => {
  const id = await staff("python01");
  const shown = await made(await stepOf("python01"));
  const answers = Array.from({ length: 50 }, (_, i) => post(i, `${enrolment}passkey/confirm/`, shown));
  expectOne(await Promise.all(answers));
  expect((await test.app.passkeys.of(id)).passkeys).toHaveLength(1);
});

it("answers of ten devices at as many steps of one account, and codes of an app at ten more", async () => {
  const id = await staff("python02");
  const passkeys = [];
  const steps: string[] = [];
  for (let i = 0; i < 10; i++) passkeys.push(await made(await stepOf("python02")));
  for (let i = 0; i < 10; i++) steps.push(await stepOf("python02"));
  const { secret } = (await post(0, enrolment, { step: steps[0]! })).json();
  const code = appCode(secret, test.clock.now());
  expectOne(
    await Promise.all([
      ...passkeys.map((shown, i) => post(i, `${enrolment}passkey/confirm/`, shown)),
      ...steps.map((step, i) => post(i, `${enrolment}confirm/`, { step, code })),
    ]),
  );
  const { passkeys: own } = await test.app.passkeys.of(id);
  const methods = await test.app.secondFactors.methodsOf(id);
  expect(methods.length, "one factor and the recovery codes").toBe(2);
  expect(own.length).toBe(methods.includes("passkey") ? 1 : 0);
});

it("one code of a new phone's app, shown ten times at once, takes the old one's place once", async () => {
  const { token } = await makePerson(test, "python03");
  const { next } = await switchOnSecondFactor(test, "python03");
  const headers = { authorization: `JWT ${token}` };
  const url = "/user/second-factor/replacement/";
  const { secret } = (await post(0, url, { code: next() }, headers)).json();
  const code = appCode(secret, test.clock.now());
  const answers = Array.from({ length: 10 }, (_, i) => post(i, `${url}confirm/`, { code }, headers));
  expectOne(await Promise.all(answers));
});
