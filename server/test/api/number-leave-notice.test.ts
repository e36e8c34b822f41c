import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { noticeTemplate } from "../support/aliyun-sms-vendors.ts";
import { startVendor } from "../support/imitated-sms.ts";
import { type Leaver, leaverOf } from "../support/number-leave.ts";
import { makePerson } from "../support/people.ts";
import { smsVendors } from "../support/sms-vendors.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";

/** A number goes from no account before it was told, whatever the vendor has against it for a while. */
const { aliyun } = smsVendors;
const hour = 3600;
let vendor: Awaited<ReturnType<typeof startVendor>>;
let test: TestApp;
let one: Leaver;
let count = 0;

beforeAll(async () => {
  vendor = await startVendor(aliyun);
  test = await startTestApp({ env: aliyun.env(vendor.host) });
});
afterAll(async () => {
  await test.close();
  await vendor.close();
});
beforeEach(async () => {
  const username = `noticed${++count}`;
  const email = `${username}@qq.com`;
  const mobile = `135${String(count).padStart(8, "0")}`;
  const person = await makePerson(test, username, { email });
  await test.app.db.kysely
    .updateTable("users")
    .set({ mobile, proved_mobile: mobile, mobile_proved_at: test.clock.now() })
    .where("id", "=", person.id)
    .execute();
  one = leaverOf(test, { ...person, email, mobile });
  vendor.answer(aliyun.taken);
  vendor.sent.length = 0;
});

const replyOf = (name: string) => aliyun.refusals.find(([said]) => said === name)![1];
const numberNow = async () => (await test.app.users.byId(one.id))!.mobile;
const ask = async () => {
  const answer = await one.leave("POST", await one.mailedProof());
  expect(answer.statusCode, answer.body).toBe(200);
  await test.runJobs();
};
async function pass(hours: number): Promise<void> {
  for (let i = 0; i < hours; i++) {
    test.clock.advance(hour);
    await test.runJobs();
  }
}
async function endOfDelay(): Promise<void> {
  test.clock.advance(7 * 24 * hour);
  await test.app.maintenance.run();
  await test.runJobs();
}
const notices = () =>
  vendor.sent.filter(({ template, to }) => template === noticeTemplate && to === one.mobile);

it("is told by the notice's own template, without a code, and goes at the end", async () => {
  await ask();
  expect(vendor.refused).toEqual([]);
  expect(notices()).toMatchObject([{ values: [] }]);
  await endOfDelay();
  expect(await numberNow()).toBeNull();
});

it.each(["an hour's limit", "an empty account", "a gateway's trouble", "a wrong signature"])(
  "%s for eight hours: it is told when that is over",
  async (trouble) => {
    vendor.answer(replyOf(trouble));
    await ask();
    await pass(8);
    const before = notices().length;
    expect(before).toBeGreaterThan(2);
    vendor.answer(aliyun.taken);
    await pass(2);
    expect(notices()).toHaveLength(before + 1);
    await endOfDelay();
    expect(await numberNow()).toBeNull();
  },
);

it("that could not be told stays, and the owner hears of it", async () => {
  vendor.answer(replyOf("a day's limit"));
  await ask();
  await pass(50);
  vendor.answer(aliyun.taken);
  await endOfDelay();
  expect(await numberNow()).toBe(one.mobile);
  const entry = await test.app.db.kysely
    .selectFrom("audit_entries")
    .select("after")
    .where("target_id", "=", one.id)
    .where("action", "=", "user.number-leave-refused")
    .executeTakeFirstOrThrow();
  expect(entry.after).toContain("the number could not be told");
  const mails = test.mailbox.filter(({ to, kind }) => to === one.email && kind === "number_leave_cancelled");
  expect(mails).toHaveLength(1);
  expect(
    await test.app.db.kysely
      .selectFrom("number_leaves")
      .select("ended")
      .where("user_id", "=", one.id)
      .execute(),
  ).toEqual([{ ended: "refused" }]);
});

it("that nobody has goes: there is nobody to tell", async () => {
  vendor.answer(replyOf("a wrong number"));
  await ask();
  await pass(3);
  expect(notices()).toHaveLength(1);
  await endOfDelay();
  expect(await numberNow()).toBeNull();
});
