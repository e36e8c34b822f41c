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
  yunpian: {
    ...{ SMS_URL: "yunpian://key_hunter2@sms.yunpian.com", SMS_SIGN_NAME: "美多" },
    SMS_EVENTS_TOKEN: token,
  },
};

let tests: Record<keyof typeof vendors, TestApp>;
beforeAll(async () => {
  const start = (by: keyof typeof vendors) =>
    startTestApp({ logTo, env: { ...vendors[by], PUBLIC_API_URL: api } });
  tests = {
    hook: await start("hook"),
    twilio: await start("twilio"),
    aliyun: await start("aliyun"),
    yunpian: await start("yunpian"),
  };
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

describe("Yunpian's reports, a form at an address with a token", () => {
  const report = (payload: string, by = token) =>
    tests.yunpian.anonymous({
      ...{ method: "POST", url: `/sms/events/${by}/`, payload },
      headers: { "content-type": "application/x-www-form-urlencoded;charset=utf-8" },
    });
  /** As it writes them: the id is a number of 64 bits. */
  const one = (sid: string, report_status: string, more: object = {}) => {
    const facts = {
      error_detail: "",
      uid: "",
      user_receive_time: "2014-03-17 22:55:21",
      mobile: "13800138000",
    };
    const json = JSON.stringify({ ...facts, report_status, error_msg: "DELIVRD", ...more });
    return `{"sid":${sid},${json.slice(1)}`;
  };
  const form = (list: string) => `sms_status=${encodeURIComponent(list)}`;
  const big = (end: number) => `90071992547409${String(end).padStart(5, "0")}`;

  it("become the state of each SMS, whatever the length of its id, and get the word it waits for", async () => {
    const test = tests.yunpian;
    const [good, bad] = [await sent(test, big(1)), await sent(test, big(2))];
    const words = { error_msg: "DB:0141", error_detail: "13800138000 空号 402758" };
    const answer = await report(form(`[${one(good, "SUCCESS")},${one(bad, "FAIL", words)}]`));
    expect([answer.statusCode, answer.body]).toEqual([200, "SUCCESS"]);
    expect((await rowOf(test, good))?.state).toBe("delivered");
    expect(await rowOf(test, bad)).toEqual({ state: "bounced", words: "DB:0141 138****8000 空号 …" });
  });

  it("are read where they are encoded twice, and change nothing twice", async () => {
    const id = await sent(tests.yunpian, big(3));
    const twice = `sms_status=${encodeURIComponent(encodeURIComponent(`[${one(id, "FAIL", { error_msg: "first" })}]`))}`;
    expect((await report(twice)).body).toBe("SUCCESS");
    expect(await rowOf(tests.yunpian, id)).toEqual({ state: "bounced", words: "first" });
    await report(form(`[${one(id, "SUCCESS")}]`));
    expect(await rowOf(tests.yunpian, id)).toEqual({ state: "bounced", words: "first" });
  });

  it.each([
    ["no list", form("7"), token, 200],
    ["no JSON", "sms_status=%E0%A4%A", token, 200],
    ["a state that we don't know", form(`[${one("12345", "LATER")}]`), token, 200],
    ["another token", form("[]"), `${token}x`, 403],
  ])("%s changes nothing", async (_what, payload, by, status) => {
    const id = await sent(tests.yunpian, "12345");
    expect((await report(payload, by)).statusCode).toBe(status);
    expect((await rowOf(tests.yunpian, id))?.state).toBe("accepted");
    await tests.yunpian.app.db.kysely.deleteFrom("mails").where("provider_id", "=", id).execute();
  });
});

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
