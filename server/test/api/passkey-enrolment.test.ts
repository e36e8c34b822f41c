import { afterAll, beforeAll, expect, it } from "vitest";
import { claimsOf } from "../support/forged-token.ts";
import { addPasskey, logInBy, logInOptions } from "../support/passkeys.ts";
import { makePerson, password } from "../support/people.ts";
import { appCode, switchOnSecondFactor } from "../support/second-factor.ts";
import { softwarePasskey } from "../support/software-passkey.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";

/** A log-in whose account must have a second factor sets a passkey up in place of an app (sign-in/forced-enrolment.ts). */
let test: TestApp;
beforeAll(async () => {
  test = await startTestApp({
    env: { SECOND_FACTOR_REQUIRED_FOR: "staff", SECOND_FACTOR_GRACE_DAYS: "0" },
  });
});
afterAll(() => test.close());

let count = 0;
const post = (url: string, payload: object, headers = {}) =>
  test.anonymous({ method: "POST", url, payload, headers });
const logIn = (username: string) => post("/users/authorizations/", { username, password });
const begin = (step: string, headers = {}) =>
  post("/users/second-factor/enrolment/passkey/", { step }, headers);
const confirm = (step: string, passkey: object, more: object = {}) =>
  post("/users/second-factor/enrolment/passkey/confirm/", { step, passkey, ...more });
const ended = "等待太久或已经用过，请再试一次。";
const over = "这次登录已失效，请重新登录。";

async function mustHaveOne(id: number, is_staff: 0 | 1 = 1): Promise<void> {
  await test.app.db.kysely.updateTable("users").set({ is_staff }).where("id", "=", id).execute();
}

/** Somebody who must have one from now on. */
async function bound() {
  const username = `enrols${++count}`;
  const person = await makePerson(test, username, { email: `${username}@qq.com` });
  await mustHaveOne(person.id);
  return person;
}
async function held() {
  const person = await bound();
  const answer = (await logIn(person.username)).json();
  expect(answer).toMatchObject({ code: "second_factor_enrolment_required", methods: ["passkey", "totp"] });
  return { ...person, step: answer.step as string };
}

it("is in by it, with recovery codes; from then on every log-in asks for it, and its owner is told", async () => {
  const { id, username, step } = await held();
  const begun = await begin(step);
  expect([begun.statusCode, begun.headers["cache-control"]]).toEqual([200, "no-store"]);
  const device = softwarePasskey();
  const done = await confirm(step, device.register(begun.json().options), { name: "办公室", refresh: true });
  expect(done.json(), done.body).toMatchObject({ username, refresh_token: expect.any(String) });
  expect([done.json().recovery_codes.length, done.headers["cache-control"]]).toEqual([10, "no-store"]);
  const { token } = done.json();
  const session = await test.app.db.kysely
    .selectFrom("sessions")
    .select("factor")
    .where("id", "=", String(claimsOf(token).sid))
    .executeTakeFirstOrThrow();
  expect(session.factor).toBe("passkey");
  const own = await test.as(token)({ url: "/user/passkeys/" });
  expect(own.json().passkeys).toMatchObject([{ name: "办公室" }]);

  const again = (await logIn(username)).json();
  expect(again).toMatchObject({
    ...{ code: "second_factor_required", methods: ["passkey", "recovery_code"] },
  });
  const alone = await logInBy(test, device.show(await logInOptions(test)));
  expect(alone.json()).toMatchObject({ user_id: id });
  await test.runJobs();
  const told = test.mailbox.filter(({ to }) => to === `${username}@qq.com`).map(({ subject }) => subject);
  expect(told).toEqual(expect.arrayContaining(["【美多商城】已添加通行密钥", "【美多商城】两步验证已开启"]));
});

it("the step is over then, and takes neither an app nor another passkey", async () => {
  const { step } = await held();
  const { options } = (await begin(step)).json();
  const { options: second } = (await begin(step)).json();
  const { secret } = (await post("/users/second-factor/enrolment/", { step })).json();
  expect((await confirm(step, softwarePasskey().register(options))).statusCode).toBe(200);
  const app = { step, code: appCode(secret, test.clock.now()) };
  for (const answer of [
    await confirm(step, softwarePasskey().register(second)),
    await begin(step),
    await post("/users/second-factor/enrolment/confirm/", app),
  ]) {
    expect([answer.statusCode, answer.json().message]).toEqual([400, over]);
  }
});

it("a device's answer counts at the step it was asked for, once, in that browser", async () => {
  const one = await held();
  const twin = (await logIn(one.username)).json().step as string;
  const other = await held();
  const { options } = (await begin(one.step)).json();
  const made = softwarePasskey().register(options);
  expect((await confirm(twin, made)).json().message, "of another log-in of the account").toBe(ended);
  const fresh = async () => (await begin(one.step)).json().options;
  expect((await confirm(other.step, softwarePasskey().register(await fresh()))).json().message).toBe(ended);
  expect((await confirm(one.step, made)).json().message, "used up by the wrong try").toBe(ended);
  expect((await begin(one.step, { "user-agent": "curl/8.14" })).json().message).toBe(over);
  const wrong = softwarePasskey().register(await fresh(), { isUserVerified: false });
  expect((await confirm(one.step, wrong)).statusCode).toBe(400);
  expect((await confirm(one.step, softwarePasskey().register(await fresh()))).statusCode).toBe(200);
});

it("what a step was given adds nothing to a session, nor the other way round", async () => {
  const { token } = await makePerson(test, `enrols${++count}`);
  const { step } = await held();
  const { options } = (await begin(step)).json();
  const shown = softwarePasskey().register(options);
  const added = await test.as(token)({ method: "POST", url: "/user/passkeys/", payload: { passkey: shown } });
  expect(added.json().message).toBe(ended);

  const later = await makePerson(test, `enrols${++count}`);
  const begun = await test.as(later.token)({
    method: "POST",
    url: "/user/passkeys/options/",
    payload: { current_password: password },
  });
  const ofSession = softwarePasskey().register(begun.json().options);
  await mustHaveOne(later.id);
  const { step: waiting } = (await logIn(later.username)).json();
  expect((await confirm(waiting, ofSession)).json().message).toBe(ended);
});

it("a step from before the account had one sets up none beside it, neither passkey nor app", async () => {
  const stale = await held();
  const begun = (await begin(stale.step)).json().options;
  const { secret } = (await post("/users/second-factor/enrolment/", { step: stale.step })).json();
  // The owner sets theirs up meanwhile, at another log-in.
  const step = (await logIn(stale.username)).json().step;
  const mine = softwarePasskey();
  expect((await confirm(step, mine.register((await begin(step)).json().options))).statusCode).toBe(200);
  const there = "两步验证已经开启。";
  expect((await confirm(stale.step, softwarePasskey().register(begun))).json().message).toBe(there);
  const app = { step: stale.step, code: appCode(secret, test.clock.now()) };
  expect((await post("/users/second-factor/enrolment/confirm/", app)).json().message).toBe(there);
  expect((await test.app.passkeys.of(stale.id)).passkeys).toHaveLength(1);

  const plain = await bound();
  const { step: early } = (await logIn(plain.username)).json();
  const { options } = (await begin(early)).json();
  await switchOnSecondFactor(test, plain.username);
  expect((await confirm(early, softwarePasskey().register(options))).json().message).toBe(there);
  expect((await test.app.passkeys.of(plain.id)).passkeys).toHaveLength(0);
});

it("a passkey that was only there to log in by meets what is demanded, also for a step from before it", async () => {
  const username = `enrols${++count}`;
  const { id, token } = await makePerson(test, username);
  await mustHaveOne(id);
  const { step } = (await logIn(username)).json();
  await mustHaveOne(id, 0);
  const { options } = (await begin(step)).json();
  await addPasskey(test, token);
  expect((await confirm(step, softwarePasskey().register(options))).json().message).toBe(
    "两步验证已经开启。",
  );
});

it("where the address can have none, the step is offered the app alone", async () => {
  const env = {
    ...{ SECOND_FACTOR_REQUIRED_FOR: "everybody", SECOND_FACTOR_GRACE_DAYS: "0" },
    PUBLIC_SITE_URL: "http://192.0.2.7:8080",
  };
  const site = await startTestApp({ env });
  const post = (url: string, payload: object) => site.anonymous({ method: "POST", url, payload });
  try {
    await expect(makePerson(site, "python01")).rejects.toThrow("second_factor_enrolment_required");
    const waiting = (await post("/users/authorizations/", { username: "python01", password })).json();
    expect(waiting.methods).toEqual(["totp"]);
    const refused = await post("/users/second-factor/enrolment/passkey/", { step: waiting.step });
    expect([refused.statusCode, refused.json().message]).toEqual([400, expect.stringContaining("https")]);
  } finally {
    await site.close();
  }
});
