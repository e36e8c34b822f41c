import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { MockAgent, request } from "undici";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createKeys, isFromEventBridge } from "./eventbridge-signature.ts";

/**
 * No request of EventBridge's own was to be had: what is signed here follows its documentation (string-to-sign, v2). What
 * outside of this program is imitated is the bucket with the certificate.
 */
const host = "cn-hangzhou-eventbridge.oss-accelerate.aliyuncs.com";
const token = "a-token-of-the-operator";
const now = Date.parse("2026-11-28T13:14:35Z");
const url = "https://api.example.com/mails/events/";
const body = '{"type":"dm:Deliver:Fail"}';
const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const pem = publicKey.export({ type: "spki", format: "pem" }).toString();

let outside: MockAgent;
let fetched: string[];
beforeEach(() => {
  outside = new MockAgent();
  outside.disableNetConnect();
  fetched = [];
});
afterEach(() => outside.close());

const keys = (clock = () => now) =>
  createKeys({ client: async () => ({ dispatcher: outside, request }), close: async () => {} }, clock);
function serve(status: number, text: string, times = 1) {
  const reply = ({ path }: { path: string }) => {
    fetched.push(path);
    return { statusCode: status, data: text };
  };
  outside
    .get(`https://${host}`)
    .intercept({ path: () => true })
    .reply(reply)
    .times(times);
}

const plain = {
  "x-eventbridge-signature-timestamp": String(now),
  "x-eventbridge-hash-method": "SHA256",
  "x-eventbridge-signature-version": "1.0",
  "x-eventbridge-signature-url": `https://${host}/certificate.pem`,
  "x-eventbridge-signature-token": token,
};
type Headers = Readonly<Record<string, string>>;

function signed(headers: Headers = plain, by: KeyObject = privateKey, about = { url, body }): Headers {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  const text = [about.url, ...lines, about.body].join("\n");
  return {
    ...headers,
    "x-eventbridge-signature-v2": sign("RSA-SHA256", Buffer.from(text), by).toString("base64"),
  };
}
const check = (headers: Headers, given = { url, body }, findKey = keys()) =>
  isFromEventBridge({ ...given, header: (name) => headers[name] ?? "" }, token, { findKey, now });

describe("a request of EventBridge", () => {
  it("is known by its signature over address, headers and body", async () => {
    serve(200, pem);
    expect(await check(signed())).toBe(true);
    expect(fetched).toEqual(["/certificate.pem"]);
  });

  it.each([
    ["with another body", { url, body: `${body} ` }],
    ["sent to another address", { url: "https://other.example.com/mails/events/", body }],
  ])("%s is refused", async (_, given) => {
    serve(200, pem);
    expect(await check(signed(), given)).toBe(false);
  });

  it("signed by another key is refused", async () => {
    serve(200, pem);
    const { privateKey: other } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    expect(await check(signed(plain, other))).toBe(false);
  });

  it("without a signature that could be one is refused", async () => {
    serve(200, pem);
    expect(await check({ ...plain, "x-eventbridge-signature-v2": "AA==" })).toBe(false);
  });

  it.each<[string, Headers]>([
    ["another customer's token", { "x-eventbridge-signature-token": "a-token-of-somebody-else" }],
    ["no token", { "x-eventbridge-signature-token": "" }],
    ["a time of more than a minute ago", { "x-eventbridge-signature-timestamp": String(now - 60_001) }],
    ["a time to come", { "x-eventbridge-signature-timestamp": String(now + 60_001) }],
    ["no time", { "x-eventbridge-signature-timestamp": "" }],
    ["another method", { "x-eventbridge-hash-method": "SHA1" }],
    ["another version", { "x-eventbridge-signature-version": "2.0" }],
    ...[
      "https://attacker.example/certificate.pem",
      "https://evil-eventbridge.oss-accelerate.aliyuncs.com/c.pem",
      "https://cn-evil-eventbridge.oss-accelerate.aliyuncs.com/c.pem",
      `https://${host}.attacker.example/c.pem`,
      `https://attacker.example@${host}/c.pem`,
      `https://${host}:8443/c.pem`,
      `http://${host}/c.pem`,
      `https://${host}/${"c".repeat(300)}`,
      "",
    ].map((address): [string, Headers] => [
      `the certificate ${address.slice(0, 70)}`,
      { "x-eventbridge-signature-url": address },
    ]),
  ])("with %s is refused, and nothing is fetched for it", async (_, changed) => {
    serve(200, pem);
    expect(await check(signed({ ...plain, ...changed }))).toBe(false);
    expect(fetched).toEqual([]);
  });
});

describe("EventBridge's certificate", () => {
  it("is fetched once an hour, however many ask at once", async () => {
    serve(200, pem, 2);
    let time = now;
    const findKey = keys(() => time);
    const all = await Promise.all([1, 2, 3].map(() => check(signed(), { url, body }, findKey)));
    expect(all).toEqual([true, true, true]);
    expect(fetched).toHaveLength(1);
    time += 3_600_001;
    await findKey(plain["x-eventbridge-signature-url"]);
    expect(fetched).toHaveLength(2);
  });

  it.each<[string, number, string]>([
    ["is not there", 404, pem],
    ["is no certificate", 200, "<html>"],
    ["is too long", 200, "x".repeat(16 * 1024 + 1)],
  ])("that %s fails the request, and is asked for again", async (_, status, text) => {
    serve(status, text);
    const findKey = keys();
    await expect(check(signed(), { url, body }, findKey)).rejects.toThrow();
    serve(200, pem);
    expect(await check(signed(), { url, body }, findKey)).toBe(true);
  });
});
