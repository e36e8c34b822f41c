import { createHmac } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createMailRecord } from "../../src/engines/mail/mail-record.ts";
import { readWebhookSecret, signedHeaders } from "../../src/kernel/webhook-signature.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";

const secret = `whsec_${Buffer.alloc(32, 5).toString("base64")}`;
const token = "a-token-of-the-operator";
const api = "https://api.example.com";
const lines: string[] = [];
const logTo = { write: (line: string) => void lines.push(line) };
const vendors = {
  hook: { SMS_URL: `hook+https://${secret}@sms.example.com/`, SMS_EVENTS_SECRET: secret },
  twilio: { SMS_URL: "twilio://AC1:token_hunter2@api.twilio.com?from=+15017122661" },
  aliyun: {
    ...{ SMS_URL: "aliyun://LTAI1:k@dysmsapi.aliyuncs.com", SMS_SIGN_NAME: "美多", SMS_TEMPLATES: "SMS_1" },
    SMS_EVENTS_TOKEN: token,
  },
};

let tests: Record<keyof typeof vendors, TestApp>;
beforeAll(async () => {
  const start = (by: keyof typeof vendors) =>
    startTestApp({ logTo, env: { ...vendors[by], PUBLIC_API_URL: api } });
  tests = { hook: await start("hook"), twilio: await start("twilio"), aliyun: await start("aliyun") };
});
afterAll(async () => {
  for (const test of Object.values(tests)) await test.close();
});

let count = 0;
/** An SMS that the vendor took, as the record has it. */
async function sent(test: TestApp, providerId = `vendor:${++count}^0`) {
  const mails = createMailRecord({ db: test.app.db, clock: test.clock });
  await mails.tried({
    ...{ jobId: `job-${providerId}`, to: "13800138000", kind: "sms_changeMobile", state: "accepted" },
    ...{ words: "200 OK", providerId },
  });
  return providerId;
}
const rowOf = (test: TestApp, providerId: string) =>
  test.app.db.kysely
    .selectFrom("mails")
    .select(["state", "words"])
    .where("provider_id", "=", providerId)
    .executeTakeFirst();

describe("Aliyun's and Tencent's reports, at an address with a token", () => {
  const report = (body: unknown, by = token) =>
    tests.aliyun.anonymous({
      ...{ method: "POST", url: `/sms/events/${by}/`, payload: JSON.stringify(body) },
      headers: { "content-type": "application/json" },
    });
  const aliyun = (biz_id: string, success: boolean, err_msg = "用户接收成功") => ({
    ...{ phone_number: "13800138000", send_time: "2017-01-01 00:00:00", report_time: "2017-01-01 00:00:00" },
    ...{ success, err_code: success ? "DELIVERED" : "MOBILE_NOT_ON_SERVICE", err_msg, sms_size: "1", biz_id },
  });
  const tencent = (sid: string, report_status: string) => ({
    ...{ user_receive_time: "2015-10-17 08:03:04", nationcode: "86", mobile: "13800138000", report_status },
    ...{ errmsg: report_status === "SUCCESS" ? "DELIVRD" : "MBBLACK", description: "黑名单", sid },
  });

  it("become the state of each SMS, several in one, with the answer that each vendor waits for", async () => {
    const test = tests.aliyun;
    const [one, two, three, four] = [await sent(test), await sent(test), await sent(test), await sent(test)];
    const first = await report([aliyun(one, true), aliyun(two, false, "13800138000 空号 402758")]);
    expect([first.statusCode, first.json()]).toMatchObject([200, { code: 0 }]);
    const second = await report([tencent(three, "SUCCESS"), tencent(four, "FAIL")]);
    expect([second.statusCode, second.json()]).toMatchObject([200, { result: 0, errmsg: "OK" }]);
    expect(await rowOf(test, one)).toEqual({ state: "delivered", words: "DELIVERED 用户接收成功" });
    expect(await rowOf(test, two)).toEqual({
      ...{ state: "bounced", words: "MOBILE_NOT_ON_SERVICE 138****8000 空号 …" },
    });
    expect((await rowOf(test, three))?.state).toBe("delivered");
    expect(await rowOf(test, four)).toEqual({ state: "bounced", words: "MBBLACK 黑名单" });
    expect(lines.join("")).toContain("a vendor of SMS reported");
    expect(lines.join("")).not.toMatch(/13800138000|402758/);
  });

  it("change nothing twice, nor backwards", async () => {
    const id = await sent(tests.aliyun);
    await report([aliyun(id, false, "first")]);
    for (const later of [aliyun(id, false, "second"), aliyun(id, true)]) {
      expect((await report([later])).statusCode).toBe(200);
      expect(await rowOf(tests.aliyun, id)).toMatchObject({ words: "MOBILE_NOT_ON_SERVICE first" });
    }
  });

  it.each([
    ["by another token", `${token}x`, 403],
    ["by a short one", "x", 403],
  ])("%s are refused", async (_, by, status) => {
    const id = await sent(tests.aliyun);
    expect((await report([aliyun(id, false)], by)).statusCode).toBe(status);
    expect(await rowOf(tests.aliyun, id)).toMatchObject({ state: "accepted" });
  });

  it.each<[string, unknown]>([
    ["nothing", []],
    ["null", null],
    ["a text", "sms"],
    ["no verdict", [{ biz_id: "vendor:1^0" }]],
    ["an id that is none", [{ success: true, biz_id: { $ne: 1 } }]],
    ["an SMS of somebody else", [aliyun("another", true)]],
  ])("with %s change nothing", async (_, body) => {
    lines.length = 0;
    expect((await report(body)).statusCode).toBe(200);
    expect(lines.join("")).not.toContain("a vendor of SMS reported");
  });

  it("of an SMS that is not known yet are asked for again while it is young", async () => {
    const chinese = new Date(tests.aliyun.clock.now() + 8 * 3_600_000).toISOString();
    const report_time = chinese.slice(0, 19).replace("T", " ");
    const answer = await report([{ ...aliyun("later", true), report_time }]);
    expect([answer.statusCode, answer.headers["retry-after"]]).toEqual([503, "5"]);
  });

  it("leave no token in the log", () => expect(lines.join("")).not.toContain(token));
});

describe("Twilio's reports, signed with the account's token", () => {
  const report = (fields: Record<string, string>, by = "token_hunter2", url = `${api}/sms/events/`) => {
    const text = Object.keys(fields)
      .sort()
      .map((name) => name + fields[name])
      .join("");
    const signature = createHmac("sha1", by)
      .update(url + text)
      .digest("base64");
    return tests.twilio.anonymous({
      ...{ method: "POST", url: "/sms/events/", payload: new URLSearchParams(fields).toString() },
      headers: { "content-type": "application/x-www-form-urlencoded", "x-twilio-signature": signature },
    });
  };
  const fields = (MessageSid: string, MessageStatus: string) => ({
    ...{ MessageSid, MessageStatus, To: "+8613800138000", From: "+15017122661", ErrorCode: "30003" },
  });

  it("become the SMS's state, once and forward only; what is on its way is no news", async () => {
    const id = await sent(tests.twilio, "SM1");
    for (const [status, state] of [
      ["sent", "accepted"],
      ["delivered", "delivered"],
      ["undelivered", "bounced"],
      ["delivered", "bounced"],
    ] as const) {
      expect((await report(fields(id, status))).statusCode).toBe(200);
      expect((await rowOf(tests.twilio, id))?.state).toBe(state);
    }
    expect((await rowOf(tests.twilio, id))?.words).toBe("undelivered 30003");
  });

  it("by another token, or for another address, are refused", async () => {
    const id = await sent(tests.twilio, "SM2");
    expect((await report(fields(id, "failed"), "another")).statusCode).toBe(403);
    expect((await report(fields(id, "failed"), "token_hunter2", "https://x.example/")).statusCode).toBe(403);
    expect((await rowOf(tests.twilio, id))?.state).toBe("accepted");
  });
});

describe("reports of a program of one's own, signed as a Standard Webhook", () => {
  const report = (body: object, { key = secret, off = 0 } = {}) => {
    const text = JSON.stringify(body);
    const seconds = Math.floor(tests.hook.clock.now() / 1000) + off;
    const headers = signedHeaders(readWebhookSecret(key)!, { id: `msg_${++count}`, seconds, body: text });
    return tests.hook.anonymous({
      ...{ method: "POST", url: "/sms/events/", payload: text },
      headers: { "content-type": "application/json", ...headers },
    });
  };

  it("become the SMS's state", async () => {
    const [one, two] = [await sent(tests.hook, "h1"), await sent(tests.hook, "h2")];
    await report({ type: "sms.delivered", timestamp: "2026-11-28T13:14:35Z", data: { id: one } });
    await report({ type: "sms.failed", data: { id: two, words: "13800138000 is off" } });
    expect((await rowOf(tests.hook, one))?.state).toBe("delivered");
    expect(await rowOf(tests.hook, two)).toEqual({ state: "bounced", words: "138****8000 is off" });
  });

  it.each([
    ["by another key", { key: `whsec_${Buffer.alloc(32, 6).toString("base64")}` }],
    ["five minutes old", { off: -301 }],
  ])("%s are refused", async (_, sending) => {
    const id = await sent(tests.hook, `r${++count}`);
    expect((await report({ type: "sms.failed", data: { id } }, sending)).statusCode).toBe(403);
    expect((await rowOf(tests.hook, id))?.state).toBe("accepted");
  });
});

it("reports are not found where no key is set for their kind", async () => {
  for (const test of [tests.twilio, tests.aliyun]) {
    const answer = await test.anonymous({ method: "POST", url: "/sms/events/", payload: "{}" });
    expect(answer.statusCode).toBe(404);
  }
  const answer = await tests.hook.anonymous({ method: "POST", url: `/sms/events/${token}/`, payload: "[]" });
  expect(answer.statusCode).toBe(404);
});
