import { generateKeyPairSync, sign } from "node:crypto";
import { MockAgent, request } from "undici";
import { expect, it } from "vitest";
import type { HttpOpener } from "../engines/mail/http-delivery.ts";
import { createMailEvents } from "./mail-events.ts";

/** DirectMail's events, from the request of EventBridge to what is written of the mail. */
const now = Date.parse("2026-11-28T13:14:35Z");
const token = "a-token-of-the-operator";
const host = "https://cn-hangzhou-eventbridge.oss-accelerate.aliyuncs.com";
const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });

function eventsBy(http: HttpOpener) {
  const reported: object[] = [];
  const events = createMailEvents({
    ...{ mailEventsSecret: null, mailEventsToken: token, publicApiUrl: "https://api.example.com/accounts/" },
    clock: { now: () => now },
    log: { info: () => {} },
    mails: {
      async reported(told: object) {
        reported.push(told);
        return "known";
      },
    } as never,
    http,
  });
  return { events, reported };
}

function signedRequest(content: unknown) {
  const body = JSON.stringify(content);
  const headers = {
    "x-eventbridge-signature-timestamp": String(now),
    "x-eventbridge-hash-method": "SHA256",
    "x-eventbridge-signature-version": "1.0",
    "x-eventbridge-signature-url": `${host}/certificate.pem`,
    "x-eventbridge-signature-token": token,
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  const text = ["https://api.example.com/accounts/mails/events/", ...lines, body].join("\n");
  const signature = sign("RSA-SHA256", Buffer.from(text), privateKey).toString("base64");
  return { headers: { ...headers, "x-eventbridge-signature-v2": signature }, path: "/mails/events/", body };
}

const time = "2026-11-28T13:14:30Z";
const failed = {
  ...{ type: "dm:Deliver:Fail", time },
  data: { env_id: "given-1", failed_type: "Invalid", err_code: "550", err_msg: "<44@qq.com> no such user" },
};

it.each([
  [
    "one",
    failed,
    [{ providerId: "given-1", state: "bounced", words: "Invalid 550 <4***@qq.com> no such user" }],
  ],
  [
    "several",
    [
      { type: "dm:Deliver:Succeed", time, data: { env_id: "given-2" } },
      { type: "dm:Feedback:FblReport", time, data: { env_id: "given-3" } },
      { type: "dm:Track:Open", time, data: { env_id: "given-4" } },
      { type: "dm:Deliver:Fail", time, data: {} },
    ],
    [
      { providerId: "given-2", state: "delivered", words: "" },
      { providerId: "given-3", state: "complained", words: "" },
    ],
  ],
])(
  "%s of DirectMail's, signed by EventBridge for the address below a path, is read",
  async (_, content, told) => {
    const outside = new MockAgent();
    outside.disableNetConnect();
    const pem = publicKey.export({ type: "spki", format: "pem" }).toString();
    outside.get(host).intercept({ path: "/certificate.pem" }).reply(200, pem);
    const http = { client: async () => ({ dispatcher: outside, request }), close: () => outside.close() };
    const { events, reported } = eventsBy(http);
    try {
      await events.take(signedRequest(content));
      expect(reported).toEqual(told);
      const other = { ...signedRequest(content), path: "/mails/events/?again" };
      await expect(events.take(other)).rejects.toMatchObject({ code: "event_refused" });
      expect(reported).toEqual(told);
    } finally {
      await events.close();
    }
  },
);

it("an event whose certificate is not to be had is asked for again, and nothing is known by it", async () => {
  const http = { client: () => Promise.reject(new Error("no way out")), close: async () => {} };
  const { events, reported } = eventsBy(http);
  const refused = { code: "unavailable", retryAfterSeconds: 5 };
  await expect(events.take(signedRequest(failed))).rejects.toMatchObject(refused);
  expect(reported).toEqual([]);
});
