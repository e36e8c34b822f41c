import { expect, it } from "vitest";
import { startVendor } from "../support/imitated-sms.ts";
import { smsVendors } from "../support/sms-vendors.ts";
import { startTestApp } from "../support/test-app.ts";

/** What comes of codes by SMS that were given up, where an operator has them tried again. */
it("sends none whose code is over, however often, and gives nothing back a second time", async () => {
  const { env, refusals, taken } = smsVendors.aliyun;
  const vendor = await startVendor(smsVendors.aliyun);
  const test = await startTestApp({
    env: {
      ...{ TRUST_PROXY: "1", SIGN_UP_BY: "email,mobile", SMS_REQUEST_LIMIT: "2", CAPTCHA_AFTER_SMS: "100" },
      ...env(vendor.host),
    },
  });
  const ask = async (mobile: string) => {
    const url = `/verifications/sms_codes/${mobile}/?send_type=register`;
    const answer = await test.anonymous({ url, headers: { "x-forwarded-for": "198.51.100.1" } });
    await test.runJobs();
    return answer.statusCode;
  };
  const spent = () => test.app.kv.get("{everybody}:limit:sms-budget-hour");

  vendor.answer(refusals.find(([, , outcome]) => outcome === "content")![1]);
  await ask("13900000001");
  vendor.answer(taken);
  test.clock.advance(301);
  expect([await ask("13900000002"), await ask("13900000003")]).toEqual([200, 200]);
  expect([vendor.sent.length, await spent()]).toEqual([3, "2"]);
  for (const _ of [1, 2]) {
    expect(await test.app.jobs.retry("all")).toBe(1);
    await test.runJobs();
    expect(await test.app.jobs.counts()).toMatchObject({ waiting: 0, dead: 1 });
  }
  expect([vendor.sent.length, await spent()]).toEqual([3, "2"]);
  expect(await ask("13900000004")).toBe(429);
  await test.close();
  await vendor.close();
});
