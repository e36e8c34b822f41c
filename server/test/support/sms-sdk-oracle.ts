import type { IncomingHttpHeaders } from "node:http";
import { describe, expect, it } from "vitest";
import { acs3Authorization } from "../../src/engines/mail/acs3-signature.ts";
import { mailIdOf } from "../../src/engines/mail/mail.ts";
import { outgoingHttp } from "../../src/engines/outgoing-http.ts";
import { openVendorSms } from "../../src/engines/sms/open-sms.ts";
import { readTemplateIds } from "../../src/engines/sms/sms-templates.ts";
import { tc3Authorization } from "../../src/engines/sms/tc3-signature.ts";
import { isFromTwilio } from "../../src/engines/sms/twilio-signature.ts";
import { imitatedService, type Received } from "./imitated-service.ts";

/**
 * The vendors' own SDKs as the judge of our requests: what they asked of a server on this machine (fixtures/sms-sdks/drive.mjs) is
 * what we ask, and signed as we would sign it. The same tests hold for a recording (contract/sms-sdk-requests.test.ts) and for
 * the SDKs themselves (release/sms-sdks.test.ts).
 */
export interface SdkRequests {
  readonly requests: readonly SdkRequest[];
  /** How Twilio's signs a report. */
  readonly report: SignedReport;
}

export type SdkRequest = Pick<Received, "method" | "path" | "headers" | "body">;

export interface SignedReport {
  readonly url: string;
  readonly fields: Readonly<Record<string, string>>;
  readonly signature: string;
}

const key = { id: "id_test", secret: "secret_test" };
/** The time in what Tencent's is asked for the balance. */
const seconds = 1_795_962_491;
const account = `AC${"a".repeat(32)}`;
const text = "【美多】402758 是您的验证码 (1*2)!~'";

/** One vendor: how its sender is opened here, what it is answered, and which requests are of its SDK. */
interface Oracle {
  readonly url: (host: string) => string;
  readonly signNames: { readonly send: string; readonly verify: string };
  readonly templates: string;
  readonly count: number;
  readonly isItsOwn: (request: SdkRequest) => boolean;
}

const actionOf = ({ headers }: SdkRequest) => String(headers["x-acs-action"] ?? "");
const ofVerification = ["SendSmsVerifyCode", "DescribeVerifyScheme"];
const oracles = {
  aliyun: {
    url: (host) => `aliyun+http://id_test:secret_test@${host}`,
    signNames: { send: "美多商城", verify: "美多 (商城)*!'" },
    templates: "SMS_123456",
    count: 3,
    isItsOwn: (request) => actionOf(request) !== "" && !ofVerification.includes(actionOf(request)),
  },
  dypns: {
    url: (host) => `dypns+http://id_test:secret_test@${host}`,
    signNames: { send: "速通互联验证码", verify: "速通互联验证码" },
    templates: "100001",
    count: 2,
    isItsOwn: (request) => ofVerification.includes(actionOf(request)),
  },
  tencent: {
    url: (host) => `tencent+http://id_test:secret_test@${host}?app=1400006666`,
    signNames: { send: "美多商城", verify: "美多商城" },
    templates: "1234",
    count: 4,
    isItsOwn: ({ headers }) => headers["x-tc-action"] !== undefined,
  },
  twilio: {
    url: (host) => `twilio+http://${account}:token_test@${host}?from=+15017122661`,
    signNames: { send: "", verify: "" },
    templates: "",
    count: 3,
    isItsOwn: ({ path }) => path.startsWith("/2010-04-01/"),
  },
} satisfies Record<string, Oracle>;

const queryOf = ({ path }: Pick<SdkRequest, "path">) =>
  Object.fromEntries(new URLSearchParams(path.split("?")[1] ?? ""));

/** What each of them is answered: enough for all. */
const answer = JSON.stringify({
  ...{ Code: "OK", BizId: "1", Model: { BizId: "1" }, sid: "SM1", status: "queued" },
  Response: { SendStatusSet: [{ Code: "Ok", SerialNo: "1" }], RequestId: "1" },
});

/** A vendor of all kinds, that takes everything and keeps what it was asked. */
export const takingService = () =>
  imitatedService(({ path }) => [path.endsWith("Messages.json") ? 201 : 200, answer]);

/** Everything but what is new with each request, or names the program. */
export function askedIn({ method, path, headers, body }: SdkRequest) {
  const isForm = headers["content-type"]?.startsWith("application/x-www-form") === true;
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
    body: isForm ? Object.fromEntries(new URLSearchParams(body)) : body,
  };
}

/** The signature that we would give the request. */
function ourAuthorization(request: SdkRequest): string {
  const { headers, body } = request;
  const { host = "" } = headers;
  const names = Object.entries(headers as IncomingHttpHeaders & Record<string, string>);
  if (actionOf(request) !== "") {
    const signed = Object.fromEntries(names.filter(([name]) => name.startsWith("x-acs-")));
    return acs3Authorization(key, { host, query: queryOf(request), body, headers: signed });
  }
  // Tencent's SDK takes the endpoint's first part for the service's name, and signs the host without its port.
  const about = { host: host.split(":", 1)[0]!, service: "127", contentType: headers["content-type"] ?? "" };
  return tc3Authorization(key, { ...about, body, seconds: Number(headers["x-tc-timestamp"]) });
}

/** What our sender asks where the SDK was made to ask: an SMS, and what the doctor wants to know. */
async function ourRequests({ url, signNames, templates }: Oracle): Promise<readonly SdkRequest[]> {
  const service = await takingService();
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
  try {
    const message = { to: "13800138000", purpose: "changeMobile", code: "402758", minutes: 5 } as const;
    await sender.send({ ...message, text, messageId: "job-1" });
    await asking.verify();
    return service.received;
  } finally {
    for (const one of [sender, asking, service]) await one.close();
  }
}

/** Registers the tests of what was asked. */
export function judgedBySdks(asked: () => SdkRequests): void {
  const of = (name: keyof typeof oracles) => asked().requests.filter(oracles[name].isItsOwn);
  const names = Object.keys(oracles) as (keyof typeof oracles)[];

  it.each(["aliyun", "dypns", "tencent"] as const)("the SDK of %s signs as we do", (name) => {
    const requests = of(name);
    expect(requests).toHaveLength(oracles[name].count);
    for (const request of requests) expect(request.headers.authorization).toBe(ourAuthorization(request));
  });

  it("the SDK of twilio signs a report as we expect it", () => {
    const { url, fields, signature } = asked().report;
    const form = new URLSearchParams(fields);
    expect(isFromTwilio("token_test", { url, form, signature })).toBe(true);
    expect(isFromTwilio("token_tesT", { url, form, signature })).toBe(false);
  });

  describe("what we ask is what the SDK asks", () => {
    it.each(names)("%s", async (name) => {
      // Our id of the message in place of the one that the SDK was given.
      const theirs = of(name).map((one) =>
        askedIn(JSON.parse(JSON.stringify(one).replaceAll("job-1", mailIdOf("job-1")))),
      );
      expect(theirs).toHaveLength(oracles[name].count);
      expect((await ourRequests(oracles[name])).map(askedIn)).toEqual(theirs);
    });
  });
}

const file = (path: string) => new URL(`../${path}`, import.meta.url);
/** The SDKs and their versions: of the recording, and of the release's test. */
export const sdkFolder = file("fixtures/sms-sdks/");
export const recordingFile = file("vectors/sms-sdk-requests.json");
