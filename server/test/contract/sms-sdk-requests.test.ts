import { readFileSync } from "node:fs";
import { afterEach, describe, expect, it } from "vitest";
import { acs3Authorization } from "../../src/engines/mail/acs3-signature.ts";
import { mailIdOf } from "../../src/engines/mail/mail.ts";
import { outgoingHttp } from "../../src/engines/outgoing-http.ts";
import { openVendorSms } from "../../src/engines/sms/open-sms.ts";
import { readTemplateIds } from "../../src/engines/sms/sms-templates.ts";
import { tc3Authorization } from "../../src/engines/sms/tc3-signature.ts";
import { isFromTwilio } from "../../src/engines/sms/twilio-signature.ts";
import { imitatedService, type Received } from "../support/imitated-service.ts";

/**
 * Requests of the vendors' own SDKs, captured against a server on this machine: what we ask is the same, byte for byte where
 * it is signed. The SDKs themselves are no dependency: together they bring a hundred packages and 65 MB.
 */
interface Captured {
  readonly sdk: string;
  readonly action: string;
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}
interface CapturedReport {
  readonly url: string;
  readonly fields: Readonly<Record<string, string>>;
  readonly signature: string;
}

const file = new URL("../vectors/sms-sdk-requests.json", import.meta.url);
const all = JSON.parse(readFileSync(file, "utf8")) as (Captured & CapturedReport)[];
const key = { id: "id_test", secret: "secret_test" };
const queryOf = ({ path }: { readonly path: string }) =>
  Object.fromEntries(new URLSearchParams(path.split("?")[1] ?? ""));

const ofAliyun = all.filter(({ sdk }) => sdk.startsWith("@alicloud/"));
const ofTencent = all.filter(({ sdk }) => sdk.startsWith("tencentcloud"));
const ofTwilio = all.filter(({ sdk, action }) => sdk.startsWith("twilio") && action !== "report");

it("there are requests of each SDK", () => {
  expect([ofAliyun.length, ofTencent.length, ofTwilio.length]).toEqual([5, 4, 3]);
});

it.each(ofAliyun)("$sdk signs $action as we do", (captured) => {
  const { headers, body } = captured;
  const { host = "", authorization } = headers;
  const signed = Object.fromEntries(Object.entries(headers).filter(([name]) => name.startsWith("x-acs-")));
  expect(acs3Authorization(key, { host, query: queryOf(captured), body, headers: signed })).toBe(
    authorization,
  );
});

it.each(ofTencent)("$sdk signs $action as we do", ({ headers, body }) => {
  const { host = "", authorization } = headers;
  // The SDK takes the endpoint's first part for the service's name, and signs the host without its port.
  const about = {
    host: host.split(":", 1)[0]!,
    service: "127",
    contentType: headers["content-type"] ?? "",
    body,
  };
  expect(tc3Authorization(key, { ...about, seconds: Number(headers["x-tc-timestamp"]) })).toBe(authorization);
});

it("Twilio's SDK signs a report as we expect it", () => {
  const { url, fields, signature } = all.find(({ action }) => action === "report")!;
  const form = new URLSearchParams(fields);
  expect(isFromTwilio("token_test", { url, form, signature })).toBe(true);
  expect(isFromTwilio("token_tesT", { url, form, signature })).toBe(false);
});

describe("what we ask is what the SDK asks", () => {
  let closing: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const close of closing.toReversed()) await close();
    closing = [];
  });

  const ours = mailIdOf("job-1");
  const account = `AC${"a".repeat(32)}`;
  const text = "【美多】402758 是您的验证码 (1*2)!~'";
  const vendors = {
    aliyun: {
      url: (host: string) => `aliyun+http://id_test:secret_test@${host}`,
      answer: { Code: "OK", BizId: "1" },
      signNames: { send: "美多商城", verify: "美多 (商城)*!'" },
      templates: "SMS_123456",
      captured: ofAliyun.filter(({ sdk }) => sdk.includes("dysmsapi")),
    },
    dypns: {
      url: (host: string) => `dypns+http://id_test:secret_test@${host}`,
      answer: { Code: "OK", Model: { BizId: "1" } },
      signNames: { send: "速通互联验证码", verify: "速通互联验证码" },
      templates: "100001",
      captured: ofAliyun.filter(({ sdk }) => sdk.includes("dypnsapi")),
    },
    tencent: {
      url: (host: string) => `tencent+http://id_test:secret_test@${host}?app=1400006666`,
      answer: { Response: { SendStatusSet: [{ Code: "Ok", SerialNo: "1" }] } },
      signNames: { send: "美多商城", verify: "美多商城" },
      templates: "1234",
      captured: ofTencent,
    },
    twilio: {
      url: (host: string) => `twilio+http://${account}:token_test@${host}?from=+15017122661`,
      answer: { sid: "SM1", status: "queued" },
      signNames: { send: "", verify: "" },
      templates: "",
      captured: ofTwilio,
    },
  } as const;

  /** Everything but what is new with each request, or names the program. */
  const asked = ({ method, path, headers, body }: Pick<Received, "method" | "path" | "headers" | "body">) => {
    const fields = headers["content-type"]?.startsWith("application/x-www-form") === true;
    const kept = /^(x-acs-(action|version|content-sha256)|x-tc-(action|version|region)|content-type)$/;
    return {
      ...{ method, place: path.split("?")[0], query: queryOf({ path }) },
      // A GET of Twilio's SDK names a type for the body that it doesn't have.
      headers: Object.fromEntries(
        Object.entries(headers).filter(
          ([name]) => kept.test(name) && (name !== "content-type" || method !== "GET"),
        ),
      ),
      login: /^Basic /.test(headers.authorization ?? "") ? headers.authorization : undefined,
      body: fields ? Object.fromEntries(new URLSearchParams(body)) : body,
    };
  };

  it.each(Object.keys(vendors) as (keyof typeof vendors)[])("%s", async (name) => {
    const { url, answer, signNames, templates, captured } = vendors[name];
    const service = await imitatedService(({ path }) => [
      path.endsWith("Messages.json") ? 201 : 200,
      JSON.stringify(answer),
    ]);
    closing.push(service.close);
    const seconds = Number(captured[0]!.headers["x-tc-timestamp"] ?? 1_795_962_448);
    const open = (smsSignName: string) =>
      openVendorSms({
        ...{
          url: url(service.host),
          smsSignName,
          smsTemplateParams: null,
          clock: { now: () => seconds * 1000 },
        },
        smsTemplates: templates === "" ? {} : readTemplateIds(templates),
        publicApiUrl: "https://api.example.com",
        http: outgoingHttp({ http: "", https: "", except: "" }),
      });
    const [sender, asking] = [await open(signNames.send), await open(signNames.verify)];
    closing.push(sender.close, asking.close);
    await sender.send({
      ...{ to: "13800138000", purpose: "changeMobile", code: "402758", minutes: 5 },
      ...{ text, messageId: "job-1" },
    });
    await asking.verify();
    // Our id of the message in place of the one that the SDK was given; Twilio is told where to report by its own path.
    const theirs = captured.map((one) => asked(JSON.parse(JSON.stringify(one).replaceAll("job-1", ours))));
    expect(service.received.map(asked)).toEqual(name === "twilio" ? theirs.slice(0, 3) : theirs);
  });
});
