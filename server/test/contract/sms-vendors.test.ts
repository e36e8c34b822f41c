import { afterEach, describe, expect, it, test } from "vitest";
import { readConfig } from "../../src/config/config.ts";
import { outgoingHttp } from "../../src/engines/outgoing-http.ts";
import { openVendorSms } from "../../src/engines/sms/open-sms.ts";
import { SmsFailure, SmsRefused } from "../../src/engines/sms/sms.ts";
import { systemClock } from "../../src/kernel/clock.ts";
import { startVendor } from "../support/imitated-sms.ts";
import { smsVendors, type VendorName } from "../support/sms-vendors.ts";

/**
 * What every sender of SMS promises: a request that the vendor believes, taken is taken, refusals are told apart by table,
 * and no error has a number, a code or a secret.
 */
const sms = {
  ...{ to: "13800138000", purpose: "changeMobile", code: "402758", minutes: 5, messageId: "job-1" },
  text: "【美多】402758 是您绑定手机号的验证码，5 分钟内有效。请勿告诉任何人。",
};

let closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.toReversed()) await close();
  closing = [];
});

async function open(name: VendorName, timeoutMillis = 20_000) {
  const vendor = await startVendor(smsVendors[name]);
  const config = readConfig({
    ...smsVendors[name].env(vendor.host),
    PUBLIC_API_URL: "https://api.example.com",
  });
  const sender = await openVendorSms({
    ...{ ...config, url: config.smsUrl!, clock: systemClock, timeoutMillis },
    http: outgoingHttp({ http: "", https: "", except: "" }),
  });
  closing.push(vendor.close, sender.close);
  return { vendor, sender };
}

const failureOf = (sending: Promise<unknown>) =>
  sending.then(
    () => null,
    (error: Error) => error,
  );

describe.each(Object.keys(smsVendors) as VendorName[])("SMS by %s", (name) => {
  const { refusals, providerId, secrets } = smsVendors[name];

  it("are requests that the vendor believes, taken with its id; a repeat has the same id of ours", async () => {
    const { vendor, sender } = await open(name);
    for (const _ of [1, 2]) {
      const receipt = await sender.send(sms);
      expect(receipt).toEqual({ words: expect.stringMatching(/^127\.0\.0\.1:\d+ 20\d/), providerId });
    }
    expect(vendor.refused).toEqual([]);
    expect(vendor.sent).toHaveLength(2);
    const [first, second] = vendor.sent;
    expect(first).toEqual(second);
    expect(first!.to).toContain("13800138000");
    expect(first!.values[0]).toContain("402758");
  });

  it("go to other countries by the international number, where the vendor knows any", async () => {
    const { vendor, sender } = await open(name);
    const abroad = { ...sms, to: "+85251234567" };
    if (name === "dypns") {
      expect(await failureOf(sender.send(abroad))).toMatchObject({ refusal: "number" });
      return expect(vendor.received).toHaveLength(0);
    }
    await sender.send(abroad);
    expect(vendor.refused).toEqual([]);
    expect(vendor.sent[0]!.to).toBe(name === "aliyun" ? "85251234567" : "+85251234567");
  });

  test.each(refusals.map(([said, reply, outcome]) => ({ said, reply, outcome })))(
    "$said: $outcome",
    async ({ reply, outcome }) => {
      const { vendor, sender } = await open(name);
      vendor.answer(reply);
      const error = await failureOf(sender.send(sms));
      if (outcome === "later" || outcome === "again") {
        expect(error).toBeInstanceOf(SmsFailure);
        expect((error as SmsFailure).mayBeSent).toBe(outcome === "again");
      } else {
        expect(error).toBeInstanceOf(SmsRefused);
        expect((error as SmsRefused).refusal).toBe(outcome);
      }
      expect(vendor.refused).toEqual([]);
      expect(error!.message).not.toMatch(/13800138000|402758/);
      expect(error!.message).not.toMatch(secrets);
    },
  );

  it("may be sent again where there is no whole answer, and were not sent where nobody was reached", async () => {
    const { vendor, sender } = await open(name, 300);
    const isRepeatable = name === "hook";
    for (const reply of ["silence", "broken", [200, "x".repeat(70_000)]] as const) {
      vendor.answer(reply);
      const error = await failureOf(sender.send(sms));
      expect(error).toBeInstanceOf(SmsFailure);
      expect((error as SmsFailure).mayBeSent).toBe(!isRepeatable);
    }
    await vendor.close();
    const error = await failureOf(sender.send(sms));
    expect([error instanceof SmsFailure, (error as SmsFailure).mayBeSent]).toEqual([true, false]);
  });

  it("end when the worker stops", async () => {
    const { vendor, sender } = await open(name);
    vendor.answer("silence");
    const stop = new AbortController();
    const sending = failureOf(sender.send(sms, stop.signal));
    stop.abort();
    expect(await sending).toBeInstanceOf(SmsFailure);
  });

  it("can be asked about without sending any", async () => {
    const { vendor, sender } = await open(name);
    await sender.verify();
    expect(vendor.received.filter(smsVendors[name].sends)).toEqual([]);
    await vendor.close();
    await expect(sender.verify()).rejects.toBeInstanceOf(SmsFailure);
  });
});
