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
const subject = { purpose: "signIn", address: "13800138000" };
const about = { ...subject, handle: null, clientAddress: "203.0.113.7" };
const secretKeys = ["captcha-test-secret-key-of-32-signs"] as const;

let closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.toReversed()) await close();
  closing = [];
});

/** What the vendor hands on of what the page gave it. */
function withBound(reply: ServiceReply, cdata: string): ServiceReply {
  if (!Array.isArray(reply) || !String(reply[1]).includes('"success":true')) return reply;
  return [reply[0], JSON.stringify({ cdata, ...JSON.parse(String(reply[1])) })];
}

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
  const clock = fakeClock(Date.now());
  const captcha = await openCaptcha({
    ...{ transport: parseCaptchaUrl(vendor.url(service.host)), clock, secretKeys, hosts: ["example.com"] },
    http: () => outgoingHttp({ http: "", https: "", except: "" }),
    ...(timeoutMillis !== undefined && { timeoutMillis }),
  });
  closing.push(service.close, captcha!.close);
  const answer = (next: ServiceReply) => {
    reply = next;
  };
  // As its page would: what was asked for comes back with the token.
  const verify = async (token: string) => {
    const { handle, bound } = await captcha!.ask(about);
    if (bound !== undefined) reply = withBound(reply, bound);
    return captcha!.verify({ ...about, token, handle: handle! });
  };
  return { captcha: captcha!, service, misbelieved, answer, verify, clock };
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
    const { verify, misbelieved } = await open(name);
    expect(await verify(token)).toBe("passed");
    expect(misbelieved).toEqual([]);
  });

  test.each([
    ...others.map(([said, reply, verdict]) => ({ said, reply, verdict })),
    { said: "an error of the server", reply: [500, "{}"] as const, verdict: "unavailable" },
    { said: "what is no JSON", reply: [200, "<html>"] as const, verdict: "unavailable" },
    { said: "an empty object", reply: [200, "{}"] as const, verdict: "unavailable" },
    { said: "a broken connection", reply: "broken" as const, verdict: "unavailable" },
  ])("$said: $verdict", async ({ reply, verdict }) => {
    const { verify, answer } = await open(name);
    answer(reply);
    expect(await verify(token)).toBe(verdict);
  });

  it("no answer in time: unavailable", async () => {
    const { verify, answer } = await open(name, 150);
    answer("silence");
    expect(await verify(token)).toBe("unavailable");
  });

  test.each(odd.map((one) => ({ one: one.slice(0, 40), token: one })))(
    "$one asks nobody",
    async ({ token }) => {
      const { verify, service } = await open(name);
      expect(await verify(token)).toBe("refused");
      expect(service.received).toHaveLength(0);
    },
  );
});

describe.each(Object.keys(captchaVendors) as VendorName[])("what %s was asked for", (name) => {
  const { token } = captchaVendors[name];

  it.each([
    ["another number", { address: "13800138001" }],
    ["another purpose", { purpose: "register" }],
    ["no handle", { handle: null }],
    ["a handle of nobody's", { handle: "9999999999.abc.def" }],
  ])("is refused for %s, and nobody is asked", async (_what, other) => {
    const { captcha, service } = await open(name);
    const { handle } = await captcha.ask(about);
    expect(await captcha.verify({ ...about, token, handle: handle!, ...other })).toBe("refused");
    expect(service.received).toHaveLength(0);
  });

  it("is refused when its time is over, or its end was moved", async () => {
    const { captcha, clock } = await open(name);
    const handle = (await captcha.ask(about)).handle!;
    clock.advance(601);
    expect(await captcha.verify({ ...about, token, handle })).toBe("refused");
    const moved = handle.replace(/^\d+/, (until) => String(Number(until) + 600));
    expect(await captcha.verify({ ...about, token, handle: moved })).toBe("refused");
  });
});

it("a token of Turnstile's that its page was given other data for is refused", async () => {
  const { captcha, answer, service } = await open("turnstile");
  const { handle } = await captcha.ask(about);
  const { bound } = await captcha.ask({ ...subject, address: "13800138001" });
  answer(withBound(captchaVendors.turnstile.passes, bound!));
  const token = captchaVendors.turnstile.token;
  expect(await captcha.verify({ ...about, token, handle: handle! })).toBe("refused");
  expect(service.received).toHaveLength(1);
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
