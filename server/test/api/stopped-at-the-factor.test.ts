import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { makePerson, password } from "../support/people.ts";
import { type SwitchedOn, switchOnSecondFactor } from "../support/second-factor.ts";
import { startThirdPartyTest, type ThirdPartyTest } from "../support/third-party.ts";

/** Whoever has the password and not the second factor shows to the owner. */
let third: ThirdPartyTest;
let count = 0;
let username: string;
let factor: SwitchedOn;
beforeAll(async () => {
  third = await startThirdPartyTest();
});
afterEach(() => third.test.clock.advance(2 * 86_400));
afterAll(() => third.close());

async function person() {
  username = `person${++count}`;
  await makePerson(third.test, username, { email: `${username}@qq.com` });
  factor = await switchOnSecondFactor(third.test, username);
  third.test.clock.advance(60);
  await told();
}
const curl = { "user-agent": "curl/8.14" };
const post = (url: string, payload: object) =>
  third.test.anonymous({ method: "POST", url, payload, headers: curl });
const stepOf = async () =>
  (await post("/users/authorizations/", { username, password })).json().step as string;
const finish = async (step: string, code: string) =>
  (await post("/users/second-factor/", { step, code })).statusCode;
async function guess(step: string, times: number) {
  for (let i = 0; i < times; i++) await finish(step, "000000");
}
/** The mails about it since the last look. */
async function told() {
  await third.test.runJobs();
  return third.test.mailbox.splice(0).filter(({ subject }) => subject.includes("被两步验证拦下"));
}

it("five wrong codes behind a right password tell the owner, once a day", async () => {
  await person();
  const step = await stepOf();
  await guess(step, 4);
  expect(await told()).toEqual([]);
  const at = third.test.clock.now();
  await guess(step, 1);
  const [mail, ...more] = await told();
  expect(more).toEqual([]);
  expect(mail!.to).toBe(`${username}@qq.com`);
  expect(mail!.text).toContain("有人知道您的密码");
  expect(mail!.text).toContain("somebody knows your password");
  expect(mail!.text).toContain("curl");
  expect(mail!.text).toContain("/not-me#");
  await guess(await stepOf(), 5);
  await guess(await stepOf(), 5);
  expect(await told(), "of the same day").toEqual([]);
  third.test.clock.advance(86_400 - (third.test.clock.now() - at) / 1000 + 1);
  await guess(await stepOf(), 5);
  expect(await told()).toHaveLength(1);
});

it("and so does the limit of guesses, however few go to one log-in", async () => {
  await person();
  for (let i = 0; i < 10; i++) await guess(await stepOf(), 1);
  expect(await told()).toEqual([]);
  expect(await finish(await stepOf(), "000000")).toBe(429);
  expect(await told()).toHaveLength(1);
});

it("many at once are one mail", async () => {
  await person();
  const steps = await Promise.all(Array.from({ length: 20 }, stepOf));
  await Promise.all(steps.map((step) => finish(step, "000000")));
  expect(await told()).toHaveLength(1);
});

it("its link ends what goes on and leaves the second factor, which keeps the guesser out", async () => {
  await person();
  await guess(await stepOf(), 5);
  const link = /\/not-me#(\S+)/.exec((await told())[0]!.text)![1]!;
  expect((await post("/user/sessions/disown/", { token: link })).statusCode).toBe(200);
  const held = await post("/users/authorizations/", { username, password });
  expect(held.json().code).toBe("second_factor_required");
  third.test.clock.advance(3600);
  expect(await finish(await stepOf(), factor.next())).toBe(200);
});

it("somebody who mistypes twice and then comes in is told nothing", async () => {
  await person();
  const step = await stepOf();
  await guess(step, 2);
  expect(await finish(step, factor.next())).toBe(200);
  expect(await told()).toEqual([]);
});

it("behind a third party it speaks of that", async () => {
  await third.createBound("weibo", "xiaomei", `bound${++count}`);
  username = `bound${count}`;
  await third.test.app.db.kysely
    .updateTable("users")
    .set({ email: `${username}@qq.com`, email_verified: 1 })
    .where("username", "=", username)
    .execute();
  await switchOnSecondFactor(third.test, username);
  await told();
  const callback = await third.authorize("weibo", { person: "xiaomei" });
  const held = await third.finish("weibo", callback);
  expect(held.json().code, held.body).toBe("second_factor_required");
  for (let i = 0; i < 5; i++) {
    await third.test.anonymous({
      method: "POST",
      url: "/users/second-factor/",
      payload: { step: held.json().step, code: "000000" },
    });
  }
  const [mail] = await told();
  expect(mail!.text).toContain("第三方账号");
  expect(mail!.text).not.toContain("知道您的密码");
});
