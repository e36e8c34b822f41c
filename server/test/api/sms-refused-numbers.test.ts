import { expect, it } from "vitest";
import { startVendor } from "../support/imitated-sms.ts";
import { makePerson } from "../support/people.ts";
import { smsVendors } from "../support/sms-vendors.ts";
import { startTestApp } from "../support/test-app.ts";

/** What is left of the counts of SMS whose number the vendor refused. */
const numberOf = (i: number) => `139${String(i).padStart(8, "0")}`;

it("stay counted by network and account, so that nobody tries every number; budget and number get them back", async () => {
  const { env, refusals } = smsVendors.aliyun;
  const vendor = await startVendor(smsVendors.aliyun);
  vendor.answer(refusals.find(([, , outcome]) => outcome === "number")![1]);
  const test = await startTestApp({
    env: {
      ...{ TRUST_PROXY: "1", SIGN_UP_BY: "email,mobile", CAPTCHA_AFTER_SMS: "100" },
      ...{ SMS_REQUEST_LIMIT: "3", SMS_REQUEST_LIMIT_PER_ACCOUNT: "2", SMS_HOURLY_BUDGET: "8" },
      ...env(vendor.host),
    },
  });
  const ask = async (mobile: string, network: string, by = test.anonymous, purpose = "register") => {
    const url = `/verifications/sms_codes/${mobile}/?send_type=${purpose}`;
    const { statusCode } = await by({ url, headers: { "x-forwarded-for": network } });
    await test.runJobs();
    return statusCode;
  };

  const ofNetwork = [];
  for (let i = 0; i < 4; i++) ofNetwork.push(await ask(numberOf(i), "198.51.100.1"));
  expect(ofNetwork).toEqual([200, 200, 200, 429]);

  const { token } = await makePerson(test, "python01", { email: "44@qq.com" });
  const ofAccount = [];
  for (let i = 0; i < 3; i++) {
    ofAccount.push(await ask(numberOf(10 + i), `198.51.101.${i}`, test.as(token), "changeMobile"));
  }
  expect(ofAccount).toEqual([200, 200, 429]);

  // Of the budget's eight four are for numbers that nobody proved, and strangers have three of a number's hour.
  for (let i = 0; i < 5; i++) {
    expect(await ask(numberOf(20), `198.51.102.${i}`)).toBe(200);
    test.clock.advance(601);
  }
  await test.close();
  await vendor.close();
});
