import { type Clock, epochSeconds } from "../../kernel/clock.ts";
import { internationalMobile } from "../../kernel/mobile.ts";
import { idIn, textIn } from "../mail/http-delivery.ts";
import { mailIdOf } from "../mail/mail.ts";
import { objectOf } from "../mail/mail-events.ts";
import { SmsFailure, type SmsReceipt, type VendorFinding, type VendorSender } from "./sms.ts";
import { type SmsTemplates, templateParameters } from "./sms-templates.ts";
import { tc3Authorization } from "./tc3-signature.ts";
import { askVendor, type Rules, refuse, type VendorOptions, wordsOf } from "./vendor-answer.ts";

/**
 * SMS through Tencent Cloud (cloud.tencent.com/document/product/382, SendSms, 2021-01-11). The verdict is the number's,
 * within an answer of 200; only `Ok` is good. It knows no idempotency key.
 */
export interface TencentSmsOptions extends VendorOptions {
  /** The endpoint's origin. */
  readonly url: string;
  readonly key: { readonly id: string; readonly secret: string };
  /** SmsSdkAppId. */
  readonly app: string;
  readonly region: string;
  readonly signName: string;
  readonly templates: SmsTemplates;
  readonly clock: Clock;
}

type Json = Readonly<Record<string, unknown>>;

export function createTencentSms(options: TencentSmsOptions): VendorSender {
  const { url, app, signName, templates, http } = options;
  const { host } = new URL(url);
  const call = createTc3Call(options);
  return {
    async send(message, signal): Promise<SmsReceipt> {
      const { id, parameters } = templateParameters(templates, message);
      const { status, response } = await call(
        "SendSms",
        {
          ...{
            PhoneNumberSet: [internationalMobile(message.to)],
            SmsSdkAppId: app,
            SignName: signName,
            TemplateId: id,
          },
          ...{ TemplateParamSet: Object.values(parameters), SessionContext: mailIdOf(message.messageId) },
        },
        signal,
      );
      const [first] = Array.isArray(response.SendStatusSet) ? response.SendStatusSet : [];
      const verdict = objectOf(response.Error ?? first);
      const code = textIn(verdict, "Code");
      const words = wordsOf(host, status, code, textIn(verdict, "Message"));
      if (code === "") throw new SmsFailure(words, { mayBeSent: true });
      if (code !== "Ok") refuse(rules, code, words);
      const providerId = idIn(verdict, "SerialNo");
      return { words: `${words} ${providerId}`.trim(), ...(providerId === "" ? {} : { providerId }) };
    },

    /** Asks for the signature (the first hundred), each template, and what is left of the packages of two years. */
    async verify(): Promise<readonly VendorFinding[]> {
      const signs = await call("DescribeSmsSignList", {
        International: 0,
        SignIdSet: [],
        Limit: 100,
        Offset: 0,
      });
      const refusal = textIn(objectOf(signs.response.Error), "Code");
      const words = wordsOf(host, signs.status, refusal);
      const isKey = rules.find(([codes]) => codes.test(refusal))?.[1] === "key";
      // Who may not read may send all the same.
      const mayNotRead = /^UnauthorizedOperation$|^AuthFailure\.UnauthorizedOperation$|CamUnauthorized/;
      if (mayNotRead.test(refusal)) return [{ about: "key", isGood: null, words }];
      if (isKey) return [{ about: "key", isGood: false, words }];
      return [
        { about: "key", isGood: true, words },
        signFinding(listOf(signs.response.DescribeSignListStatusSet), signName),
        ...(await templateFindings(call, templates)),
        await balanceFinding(call, options),
      ];
    },
    close: () => http.close(),
  };
}

type Tc3Call = (
  action: string,
  parameters: Json,
  signal?: AbortSignal,
) => Promise<{ readonly status: number; readonly response: Json }>;

function createTc3Call(options: TencentSmsOptions): Tc3Call {
  const { url, key, region, clock } = options;
  const { host } = new URL(url);
  const contentType = "application/json";
  return async (action, parameters, signal) => {
    const body = JSON.stringify(parameters);
    const seconds = epochSeconds(clock);
    const headers = {
      "content-type": contentType,
      "x-tc-action": action,
      "x-tc-version": "2021-01-11",
      "x-tc-region": region,
      "x-tc-timestamp": String(seconds),
      authorization: tc3Authorization(key, { host, service: "sms", contentType, body, seconds }),
    };
    const { status, json } = await askVendor(options, { url: `${url}/`, headers, body, signal });
    return { status, response: objectOf(json.Response) };
  };
}

/** cloud.tencent.com/document/product/382/59177, error codes of API 3.0 (Serivce is written so there). */
const rules: Rules = [
  [/PhoneNumberThirtySecondLimit|DeliveryFrequencyLimit|^RequestLimitExceeded/, "later"],
  [
    /^LimitExceeded\.(PhoneNumber)?(OneHour|Daily|SameContentDaily)Limit|^LimitExceeded\.PhoneNumber/,
    "too_often",
  ],
  [/^LimitExceeded\.(App|Mainland)|InsufficientBalance|SuspendDueToArrears|PackageIsEmpty/, "balance"],
  [/IncorrectPhoneNumber|PhoneNumberInBlacklist/, "number"],
  [/Signature(IncorrectOrUnapproved|NotExist)|MissingSignature/, "signature"],
  [/Template/, "template"],
  [/SensitiveWord|ContentLength|ProhibitSubMailSend/, "content"],
  [/^AuthFailure|RequestIpNotInWhitelist|RequestPermissionDeny|CamUnauthorized/, "key"],
  [/SmsSdkAppId|^UnauthorizedOperation|^UnsupportedOperation|^InvalidParameterValue\.Sdk/, "account"],
  [/^InternalError/, "again"],
];

const listOf = (value: unknown): readonly Json[] => (Array.isArray(value) ? value.map(objectOf) : []);

const reviews: Readonly<Record<string, string>> = {
  ...{ "0": "approved", "1": "in review", "2": "approved, not yet in force", "-1": "refused" },
};

/** Only what is approved and in force can be used. */
function finding(about: "signature" | "template", name: string, one: Json | undefined): VendorFinding {
  const status = String(one?.StatusCode ?? "");
  const review = one === undefined ? "unknown there" : (reviews[status] ?? status);
  return {
    about,
    isGood: status === "0",
    words: wordsOf(`${name}:`, review, textIn(one ?? {}, "ReviewReply")),
  };
}

/** An account with more than a hundred may have it further back: that is not asked for. */
function signFinding(signs: readonly Json[], signName: string): VendorFinding {
  const own = signs.filter(({ SignName }) => SignName === signName);
  const found = finding("signature", signName, own.find(({ StatusCode }) => StatusCode === 0) ?? own[0]);
  return own.length === 0 && signs.length === 100 ? { ...found, isGood: null } : found;
}

async function templateFindings(call: Tc3Call, { ids }: SmsTemplates): Promise<readonly VendorFinding[]> {
  const wanted = [...new Set(Object.values(ids))];
  const numbers = wanted.filter((id) => /^\d{1,15}$/.test(id)).map(Number);
  if (numbers.length === 0) return wanted.map((id) => finding("template", id, undefined));
  const { response } = await call("DescribeSmsTemplateList", { International: 0, TemplateIdSet: numbers });
  const found = listOf(response.DescribeTemplateStatusSet);
  return wanted.map((id) =>
    finding(
      "template",
      id,
      found.find(({ TemplateId }) => String(TemplateId) === id),
    ),
  );
}

/** Nothing is left: fail. No package at all may be an account that pays by the month. */
async function balanceFinding(call: Tc3Call, { app, clock }: TencentSmsOptions): Promise<VendorFinding> {
  const hour = (at: number) => new Date(at + 8 * 3_600_000).toISOString().replaceAll(/\D/g, "").slice(0, 10);
  const now = clock.now();
  const { response } = await call("SmsPackagesStatistics", {
    ...{ SmsSdkAppId: app, Limit: 100, Offset: 0 },
    ...{ BeginTime: hour(now - 2 * 366 * 86_400_000), EndTime: hour(now) },
  });
  const packages = listOf(response.SmsPackagesStatisticsSet).filter(
    ({ PackageExpiredTime: until }) => typeof until !== "number" || until * 1000 > now,
  );
  if (packages.length === 0) return { about: "balance", isGood: null, words: "no package is in force" };
  const left = packages.reduce(
    (sum, one) => sum + numberOf(one.PackageAmount) - numberOf(one.CurrentUsage),
    0,
  );
  return { about: "balance", isGood: left > 0, words: `${left} SMS left in packages` };
}

const numberOf = (value: unknown): number => (typeof value === "number" ? value : 0);
