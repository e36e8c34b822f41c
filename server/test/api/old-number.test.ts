import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { type Leaver, makeLeaver } from "../support/number-leave.ts";
import { password } from "../support/people.ts";
import { switchOnSecondFactor } from "../support/second-factor.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";

/** Changing or removing a proved number at once: by a code to it, or a second factor that was there for a week. */
const day = 86_400;
let test: TestApp;
let one: Leaver;
let count = 0;
beforeAll(async () => {
  test = await startTestApp({ env: { SMS_HOURLY_BUDGET: "10000", SMS_DAILY_BUDGET: "10000" } });
});
afterAll(() => test.close());
beforeEach(async () => {
  one = await makeLeaver(test, `changer${++count}`);
});

const other = () => `135${String(++count).padStart(8, "0")}`;
const mobileNow = async () => (await test.app.users.byId(one.id))!.mobile;
const codeTo = (mobile: string) => {
  test.clock.advance(61);
  return test.smsCodeFor(mobile, one.token);
};
async function put(mobile: string, more: object = {}) {
  const payload = { mobile, sms_code: await codeTo(mobile), current_password: password, ...more };
  return test.as(one.token)({ method: "PUT", url: "/user/mobile/", payload });
}
const patch = (mobile: string | null, more: object = {}, headers: Record<string, string> = {}) =>
  test.as(one.token)({
    ...{ method: "PATCH", url: "/user/", headers },
    payload: { mobile, current_password: password, ...more },
  });
const proofBy = async (action: string, shown: object) =>
  (
    await test.as(one.token)({
      ...{ method: "POST", url: "/user/reauthentication/", payload: { action, ...shown } },
    })
  ).json().proof as string;

it("the password and a token put nobody's number in its place, and take it from nobody", async () => {
  for (const answer of [await put(other()), await patch(null), await patch(""), await patch(other())]) {
    expect([answer.statusCode, answer.json()]).toMatchObject([403, { code: "old_number_required" }]);
  }
  expect(await mobileNow()).toBe(one.mobile);
});

it("nor does a mailed code, which the thief of the mailbox reads, too", async () => {
  test.clock.advance(61);
  const action = "mobile";
  const as = test.as(one.token);
  await as({ method: "POST", url: "/user/reauthentication/email-code/", payload: { action } });
  await test.runJobs();
  const email_code = test.mailbox.findLast(({ to, kind }) => to === one.email && kind === "stepUp")!.code;
  const proof = await proofBy(action, { email_code });
  const answer = await patch(null, {}, { "x-meiduo-proof": proof });
  expect([answer.statusCode, answer.json().code]).toEqual([403, "old_number_required"]);
  expect(await mobileNow()).toBe(one.mobile);
  // Refused before it was looked at: with the code it is good, and needs no second one.
  const old_sms_code = await codeTo(one.mobile);
  const again = await test.as(one.token)({
    ...{ method: "PATCH", url: "/user/", headers: { "x-meiduo-proof": proof } },
    payload: { mobile: null, old_sms_code },
  });
  expect([again.statusCode, again.json().mobile]).toEqual([200, null]);
});

it("a code to it does, once, and one to another number doesn't", async () => {
  const [first, second] = [other(), other()];
  const strange = await codeTo(second);
  const refused = await put(first, { old_sms_code: strange });
  expect([refused.statusCode, await mobileNow()]).toEqual([400, one.mobile]);
  const old_sms_code = await codeTo(one.mobile);
  const changed = await put(first, { old_sms_code });
  expect([changed.statusCode, changed.json()]).toMatchObject([200, { mobile: first, mobile_verified: true }]);
  expect((await patch(null, { old_sms_code })).statusCode, "used up").toBe(400);
  const removed = await patch(null, { old_sms_code: await codeTo(first) });
  expect([removed.statusCode, removed.json().mobile]).toEqual([200, null]);
});

it("a wrong new code leaves the old one usable", async () => {
  const wanted = other();
  const old_sms_code = await codeTo(one.mobile);
  const right = await codeTo(wanted);
  const as = test.as(one.token);
  const typed = { mobile: wanted, current_password: password, old_sms_code };
  const send = (sms_code: string) =>
    as({ method: "PUT", url: "/user/mobile/", payload: { ...typed, sms_code } });
  expect((await send(right === "000000" ? "000001" : "000000")).statusCode).toBe(400);
  expect((await send(right)).statusCode).toBe(200);
});

it("a second factor does once it was there for a week, and not one that was just added for it", async () => {
  const { next } = await switchOnSecondFactor(test, one.username);
  const prove = async () => ({ "x-meiduo-proof": await proofBy("mobile", { code: next() }) });
  const young = await patch(null, {}, await prove());
  expect([young.statusCode, young.json().code]).toEqual([403, "old_number_required"]);
  const since = test.clock.now() - 7 * day * 1000;
  const { kysely } = test.app.db;
  await kysely.updateTable("users").set({ second_factor_at: since }).where("id", "=", one.id).execute();
  const settled = await patch(null, {}, await prove());
  expect([settled.statusCode, settled.json().mobile]).toEqual([200, null]);
});

it("a number that nobody proved, and the same once more, take none", async () => {
  expect((await put(one.mobile)).statusCode).toBe(200);
  expect((await patch(one.mobile, { first_name: "三" })).statusCode).toBe(200);
  await test.app.db.kysely
    .updateTable("users")
    .set({ proved_mobile: null })
    .where("id", "=", one.id)
    .execute();
  expect((await patch(null)).statusCode).toBe(200);
});
