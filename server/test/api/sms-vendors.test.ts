import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createApp } from "../../src/app/app.ts";
import { isForOperator } from "../../src/engines/sms/sms.ts";
import { startVendor } from "../support/imitated-sms.ts";
import { smsVendors, type VendorName } from "../support/sms-vendors.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";

/** From the request to the vendor and back: what each refusal leaves of the job, the record, the log and the next answer. */
let serial = 0;
const freshNumber = () => `139${String(++serial).padStart(8, "0")}`;

describe.each(Object.keys(smsVendors) as VendorName[])("codes by SMS of %s", (name) => {
  const imitated = smsVendors[name];
  const lines: string[] = [];
  let vendor: Awaited<ReturnType<typeof startVendor>>;
  let test: TestApp;
  let token: string;
  beforeAll(async () => {
    vendor = await startVendor(imitated);
    test = await startTestApp({
      env: { ...imitated.env(vendor.host), PUBLIC_API_URL: "https://api.example.com" },
      logTo: { write: (line) => void lines.push(line) },
    });
    await test.signUp({ username: "python01", email: "44@qq.com" });
  });
  afterAll(async () => {
    await test.close();
    await vendor.close();
  });

  const ask = (mobile: string) =>
    test.as(token)({ url: `/verifications/sms_codes/${mobile}/?send_type=changeMobile` });
  const alarms = () => lines.filter((line) => line.includes('"alarm":"sms_vendor"'));
  const rowOf = async (mobile: string) => {
    const query = test.app.db.kysely.selectFrom("mails").select(["state", "words", "tries", "provider_id"]);
    return await query.where("to_key", "=", mobile).where("kind", "=", "sms_changeMobile").executeTakeFirst();
  };

  async function asked(reply = imitated.taken) {
    // Alarms are of once an hour; a token lives as long as some of them.
    test.clock.advance(3_700);
    const logIn = { username: "python01", password: "12345678aA" };
    const answer = await test.anonymous({ method: "POST", url: "/authorizations/", payload: logIn });
    ({ token } = answer.json());
    await test.app.jobs.drain();
    vendor.answer(reply);
    lines.length = 0;
    vendor.sent.length = 0;
    const mobile = freshNumber();
    expect((await ask(mobile)).statusCode).toBe(200);
    await test.runJobs();
    return mobile;
  }

  it("arrive, once, and the code is good", async () => {
    const mobile = await asked();
    expect(vendor.refused).toEqual([]);
    expect(vendor.sent).toHaveLength(1);
    const sms_code = /\d{6}/.exec(vendor.sent[0]!.values[0]!)![0];
    expect(await rowOf(mobile)).toMatchObject({
      ...{ state: "accepted", tries: 1, provider_id: imitated.providerId },
    });
    expect(await test.app.jobs.counts()).toMatchObject({ waiting: 0, dead: 0 });
    const payload = { mobile, sms_code, current_password: "12345678aA" };
    const proved = await test.as(token)({ method: "PUT", url: "/user/mobile/", payload });
    expect(proved.statusCode, proved.body).toBe(200);
    expect(lines.join("")).not.toMatch(new RegExp(`${mobile}|${sms_code}`));
  });

  it.each(imitated.refusals.map(([said, reply, outcome]) => ({ said, reply, outcome })))(
    "$said: $outcome",
    async ({ reply, outcome }) => {
      const mobile = await asked(reply);
      const isLater = outcome === "later" || outcome === "again";
      expect(vendor.sent).toHaveLength(1);
      expect(await rowOf(mobile)).toMatchObject({ state: isLater ? "queued" : "refused", tries: 1 });
      expect(await test.app.jobs.counts()).toMatchObject(
        isLater ? { waiting: 1, dead: 0 } : { waiting: 0, dead: 1 },
      );
      const isAlarm = !isLater && isForOperator(outcome);
      expect(alarms()).toHaveLength(isAlarm ? 1 : 0);
      if (isAlarm) expect(JSON.parse(alarms()[0]!)).toMatchObject({ refusal: outcome });
      const code = /\d{6}/.exec(vendor.sent[0]!.values[0]!)![0];
      expect(lines.join("")).not.toMatch(new RegExp(`${mobile}|${code}`));
      // What the next visitor is told, at another number.
      if (isAlarm) {
        const other = await ask(freshNumber());
        expect([other.statusCode, other.json().code]).toEqual([503, "sms_unavailable"]);
        expect(Number(other.headers["retry-after"])).toBeLessThanOrEqual(60);
      }
      // What comes of waiting.
      for (let i = 0; i < 12; i++) {
        test.clock.advance(10);
        await test.runJobs();
      }
      if (outcome === "later") expect(vendor.sent.length).toBeGreaterThan(3);
      else expect(vendor.sent).toHaveLength(outcome === "again" ? 2 : 1);
      expect((await rowOf(mobile))?.state).toBe(outcome === "later" ? "queued" : "refused");
      // What the next one for this number is told.
      const next = await ask(mobile);
      const told: Partial<Record<typeof outcome, string>> = {
        too_often: "频繁发送短信",
        number: "短信服务商或运营商拒收发往这个号码的短信。请核对号码，或改用邮箱。",
      };
      expect([next.statusCode, next.json().message]).toEqual(
        told[outcome] === undefined ? [200, "OK"] : [400, told[outcome]],
      );
      if (told[outcome] !== undefined) expect(Number(next.headers["retry-after"])).toBeGreaterThan(300);
    },
  );

  it("that could not be sent for a moment are sent when it is over, and one alarm an hour is enough", async () => {
    const [, trouble] = imitated.refusals.find(([, , outcome]) => outcome === "later")!;
    const mobile = await asked(trouble);
    vendor.answer(imitated.taken);
    test.clock.advance(10);
    await test.runJobs();
    expect(await rowOf(mobile)).toMatchObject({ state: "accepted", tries: 2 });
    const [, reply] = imitated.refusals.find(([, , outcome]) => outcome === "key")!;
    vendor.answer(reply);
    for (let i = 0; i < 3; i++) {
      await ask(freshNumber());
      await test.runJobs();
      // The next try.
      test.clock.advance(61);
    }
    expect(vendor.sent).toHaveLength(5);
    expect(alarms()).toHaveLength(1);
  });
});

it("/metrics counts SMS by what became of them, and names nobody", async () => {
  const vendor = await startVendor(smsVendors.aliyun);
  const env = { ...smsVendors.aliyun.env(vendor.host), METRICS_PORT: "9464" };
  const test = await startTestApp({ env });
  const { token } = await test.signUp({ username: "python01", email: "44@qq.com" });
  const outcomes = ["", "number", "later", "balance"] as const;
  const numbers: string[] = [];
  for (const wanted of outcomes) {
    const number = freshNumber();
    numbers.push(number);
    const refusal = smsVendors.aliyun.refusals.find(([, , outcome]) => outcome === wanted);
    vendor.answer(refusal?.[1] ?? smsVendors.aliyun.taken);
    await test.as(token)({ url: `/verifications/sms_codes/${number}/?send_type=changeMobile` });
    await test.runJobs();
  }
  const text = (await test.app.metrics?.registry.metrics()) ?? "";
  for (const outcome of ["sent", "balance", "number", "failed"]) {
    expect(text).toContain(`meiduo_sms_total{outcome="${outcome}"} 1`);
  }
  for (const number of numbers) expect(text).not.toContain(number);
  await test.close();
  await vendor.close();
});

it("where mails go out and no vendor is named there is no SMS, and the log says so at the start", async () => {
  const lines: string[] = [];
  const test = await startTestApp({
    env: { MAIL_URL: "smtp://127.0.0.1:25" },
    logTo: { write: (line) => void lines.push(line) },
    create: (context, { smsSender: _, ...overrides }) => createApp(context, overrides),
  });
  expect(lines.join("")).toContain("there is no SMS_URL");
  const { token } = await test.signUp({ username: "python01", email: "44@qq.com" });
  const url = `/verifications/sms_codes/${freshNumber()}/?send_type=changeMobile`;
  const answer = await test.as(token)({ url });
  expect([answer.statusCode, answer.json()]).toEqual([503, { message: "本站没有开通短信。" }]);
  await test.close();
});
