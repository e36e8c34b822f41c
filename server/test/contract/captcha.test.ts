import { afterEach, describe, expect, it, test } from "vitest";
import { createAltcha } from "../../src/captcha/altcha.ts";
import { parseCaptchaUrl } from "../../src/captcha/captcha-url.ts";
import { openCaptcha } from "../../src/captcha/open-captcha.ts";
import { outgoingHttp } from "../../src/engines/outgoing-http.ts";
import { captchaVendors } from "../support/captcha-vendors.ts";
import { fakeClock } from "../support/fake-clock.ts";
import { imitatedService, type ServiceReply } from "../support/imitated-service.ts";
import { solvedCaptcha } from "../support/solved-captcha.ts";

/** What every captcha promises: a verdict, in time, whatever a client sends or a vendor says; never an error. */
type VendorName = keyof typeof captchaVendors;
const about = { purpose: "signIn", address: "13800138000", clientAddress: "203.0.113.7" };
const secretKeys = ["captcha-test-secret-key-of-32-signs"] as const;

let closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.toReversed()) await close();
  closing = [];
});

async function open(name: VendorName, timeoutMillis?: number) {
  const vendor = captchaVendors[name];
  let reply: ServiceReply = vendor.passes;
  const misbelieved: string[] = [];
  const service = await imitatedService((request) => {
    try {
      vendor.check(request);
    } catch (error) {
      misbelieved.push(String(error));
    }
    return reply;
  });
  const captcha = await openCaptcha({
    ...{ transport: parseCaptchaUrl(vendor.url(service.host)), clock: fakeClock(Date.now()), secretKeys },
    http: () => outgoingHttp({ http: "", https: "", except: "" }),
    ...(timeoutMillis !== undefined && { timeoutMillis }),
  });
  closing.push(service.close, captcha!.close);
  const answer = (next: ServiceReply) => {
    reply = next;
  };
  return { captcha: captcha!, service, misbelieved, answer };
}

describe.each(Object.keys(captchaVendors) as VendorName[])("a captcha by %s", (name) => {
  const { token, others, odd } = captchaVendors[name];

  it("is asked for by what its page needs, and by no secret", async () => {
    const { captcha } = await open(name);
    const task = await captcha.ask(about);
    expect(task.kind).toBe(name);
    expect(JSON.stringify(task)).not.toMatch(/secret/i);
  });

  it("passes by a question that the vendor believes", async () => {
    const { captcha, misbelieved } = await open(name);
    expect(await captcha.verify({ ...about, token })).toBe("passed");
    expect(misbelieved).toEqual([]);
  });

  test.each([
    ...others.map(([said, reply, verdict]) => ({ said, reply, verdict })),
    { said: "an error of the server", reply: [500, "{}"] as const, verdict: "unavailable" },
    { said: "what is no JSON", reply: [200, "<html>"] as const, verdict: "unavailable" },
    { said: "an empty object", reply: [200, "{}"] as const, verdict: "unavailable" },
    { said: "a broken connection", reply: "broken" as const, verdict: "unavailable" },
  ])("$said: $verdict", async ({ reply, verdict }) => {
    const { captcha, answer } = await open(name);
    answer(reply);
    expect(await captcha.verify({ ...about, token })).toBe(verdict);
  });

  it("no answer in time: unavailable", async () => {
    const { captcha, answer } = await open(name, 150);
    answer("silence");
    expect(await captcha.verify({ ...about, token })).toBe("unavailable");
  });

  test.each(odd.map((one) => ({ one: one.slice(0, 40), token: one })))(
    "$one asks nobody",
    async ({ token }) => {
      const { captcha, service } = await open(name);
      expect(await captcha.verify({ ...about, token })).toBe("refused");
      expect(service.received).toHaveLength(0);
    },
  );
});

describe("the site's own captcha", () => {
  const clock = fakeClock(Date.now());
  const altcha = createAltcha({ secretKeys, clock, rounds: 9 });
  const solved = async (subject = about) => solvedCaptcha((await altcha.ask(subject)).challenge);

  it("passes for the purpose and address that it was asked for, until its time is over", async () => {
    const token = await solved();
    expect(await altcha.verify({ ...about, token })).toBe("passed");
    expect(await altcha.verify({ ...about, purpose: "register", token })).toBe("refused");
    expect(await altcha.verify({ ...about, address: "13800138001", token })).toBe("refused");
    clock.advance(601);
    expect(await altcha.verify({ ...about, token })).toBe("refused");
  });

  it("is good under an earlier SECRET_KEY, and not under another", async () => {
    const token = await solved();
    const next = createAltcha({ secretKeys: ["another-secret-key-of-thirty-two-s", ...secretKeys], clock });
    expect(await next.verify({ ...about, token })).toBe("passed");
    const other = createAltcha({ secretKeys: ["another-secret-key-of-thirty-two-s"], clock });
    expect(await other.verify({ ...about, token })).toBe("refused");
  });

  it("takes nothing that was not worked for", async () => {
    const { challenge, solution } = JSON.parse(Buffer.from(await solved(), "base64").toString());
    const forged = [
      "",
      "e30=",
      "bnVsbA==",
      ...[
        { challenge, solution: { ...solution, derivedKey: "00".repeat(32) } },
        { challenge, solution: { ...solution, counter: "1" } },
        { challenge: { ...challenge, parameters: { ...challenge.parameters, cost: 1 } }, solution },
        {
          challenge: {
            ...challenge,
            parameters: {
              ...challenge.parameters,
              data: { ...challenge.parameters.data, until: 9_999_999_999 },
            },
          },
          solution,
        },
        { challenge: { ...challenge, signature: undefined }, solution },
        { challenge: { ...challenge, signature: "00" }, solution },
        { challenge: {}, solution: {} },
      ].map((one) => Buffer.from(JSON.stringify(one)).toString("base64")),
    ];
    for (const token of forged)
      expect([token, await altcha.verify({ ...about, token })]).toEqual([token, "refused"]);
  });
});

test.each([
  ["altcha", "altcha"],
  ["none:", "none"],
  ["turnstile://k:s@challenges.cloudflare.com", "turnstile"],
])("CAPTCHA_URL=%s is %s", (url, by) => expect(parseCaptchaUrl(url).by).toBe(by));

test.each([
  "recaptcha://k:s@www.google.com",
  "turnstile://challenges.cloudflare.com",
  "turnstile+http://k:s@challenges.cloudflare.com",
  "tencent://k:s@captcha.tencentcloudapi.com",
  "aliyun://k:s@captcha.cn-shanghai.aliyuncs.com",
  "altcha://k:s@x",
])("CAPTCHA_URL=%s is refused", (url) => expect(() => parseCaptchaUrl(url)).toThrow());
