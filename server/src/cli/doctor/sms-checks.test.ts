import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it, test } from "vitest";
import { imitatedService, type Received, type ServiceReply } from "../../../test/support/imitated-service.ts";
import { readConfig } from "../../config/config.ts";
import type { Diagnosis } from "./diagnosis.ts";
import { checkSms, checkSmsNotice } from "./sms-checks.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "meiduo-doctor-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const configOf = (env: Record<string, string>) => readConfig({ DATA_DIR: folder, ...env });
const levels = (found: readonly Diagnosis[]) => found.map(({ check, level }) => `${check} ${level}`);
const says = (body: object, status = 200): ServiceReply => [status, JSON.stringify(body)];

interface Case {
  readonly what: string;
  readonly env: (host: string) => Record<string, string>;
  readonly reply: (request: Received) => ServiceReply;
  readonly expected: readonly string[];
}

const aliyun = (host: string) => ({
  ...{ SMS_URL: `aliyun+http://LTAI1:hunter2@${host}`, SMS_SIGN_NAME: "美多商城" },
  SMS_TEMPLATES: "changeMobile=SMS_1,*=SMS_2",
});
const tencent = (host: string) => ({
  ...{ SMS_URL: `tencent+http://AKID1:hunter2@${host}?app=1400006666`, SMS_SIGN_NAME: "美多商城" },
  SMS_TEMPLATES: "changeMobile=1234,*=1235",
});
const twilio = (host: string) => ({ SMS_URL: `twilio+http://AC1:hunter2@${host}?from=+15017122661` });
const ofTencent = (response: object): ServiceReply => says({ Response: { ...response, RequestId: "r" } });
const byAction =
  (answers: Readonly<Record<string, ServiceReply>>) =>
  ({ headers }: Received): ServiceReply =>
    answers[String(headers["x-acs-action"] ?? headers["x-tc-action"])] ?? [404, "{}"];

const cases: readonly Case[] = [
  {
    what: "Aliyun, all approved",
    env: aliyun,
    reply: byAction({
      GetSmsSign: says({ Code: "OK", SignStatus: 1 }),
      GetSmsTemplate: says({ Code: "OK", TemplateStatus: "1" }),
    }),
    expected: ["sms-key ok", "sms-signature ok", "sms-template ok", "sms-template ok"],
  },
  {
    what: "Aliyun, a signature in review and a template that was refused",
    env: aliyun,
    reply: byAction({
      GetSmsSign: says({ Code: "OK", SignStatus: 0 }),
      GetSmsTemplate: says({ Code: "OK", TemplateStatus: "2", AuditInfo: { RejectInfo: "no" } }),
    }),
    expected: ["sms-key ok", "sms-signature fail", "sms-template fail", "sms-template fail"],
  },
  {
    what: "Aliyun, an unknown signature and template",
    env: aliyun,
    reply: () => says({ Code: "isv.SMS_SIGNATURE_ILLEGAL", Message: "不存在" }),
    expected: ["sms-key ok", "sms-signature fail", "sms-template fail", "sms-template fail"],
  },
  {
    what: "Aliyun, another secret",
    env: aliyun,
    reply: () => says({ Code: "SignatureDoesNotMatch", Message: "no" }, 400),
    expected: ["sms-key fail"],
  },
  {
    what: "Aliyun, a key that may only send",
    env: aliyun,
    reply: () => says({ Code: "NoPermission", Message: "no" }, 403),
    expected: ["sms-key ok"],
  },
  {
    what: "number verification, a key that is taken",
    env: (host) => ({ ...aliyun(host), SMS_URL: `dypns+http://LTAI1:hunter2@${host}` }),
    reply: () => says({ Code: "SCHEME_NOT_EXIST", Message: "no" }),
    expected: ["sms-key ok"],
  },
  {
    what: "number verification, a key that is unknown",
    env: (host) => ({ ...aliyun(host), SMS_URL: `dypns+http://LTAI1:hunter2@${host}` }),
    reply: () => says({ Code: "InvalidAccessKeyId.NotFound", Message: "no" }, 404),
    expected: ["sms-key fail"],
  },
  {
    what: "Tencent, approved, with something left",
    env: tencent,
    reply: byAction({
      DescribeSmsSignList: ofTencent({
        DescribeSignListStatusSet: [{ SignName: "美多商城", StatusCode: 0 }],
      }),
      DescribeSmsTemplateList: ofTencent({
        DescribeTemplateStatusSet: [
          { TemplateId: 1234, StatusCode: 0 },
          { TemplateId: 1235, StatusCode: 1 },
        ],
      }),
      SmsPackagesStatistics: ofTencent({
        SmsPackagesStatisticsSet: [
          { PackageAmount: 100, CurrentUsage: 40, PackageExpiredTime: 4_000_000_000 },
        ],
      }),
    }),
    expected: ["sms-key ok", "sms-signature ok", "sms-template ok", "sms-template fail", "sms-balance ok"],
  },
  {
    what: "Tencent, another signature, no template, and packages that are used up or over",
    env: tencent,
    reply: byAction({
      DescribeSmsSignList: ofTencent({ DescribeSignListStatusSet: [{ SignName: "美多", StatusCode: 0 }] }),
      DescribeSmsTemplateList: ofTencent({ Error: { Code: "FailedOperation", Message: "no" } }),
      SmsPackagesStatistics: ofTencent({
        SmsPackagesStatisticsSet: [
          { PackageAmount: 100, CurrentUsage: 100, PackageExpiredTime: 4_000_000_000 },
          { PackageAmount: 100, CurrentUsage: 0, PackageExpiredTime: 1_000_000_000 },
        ],
      }),
    }),
    expected: [
      ...["sms-key ok", "sms-signature fail", "sms-template fail", "sms-template fail", "sms-balance fail"],
    ],
  },
  {
    what: "Tencent, another secret",
    env: tencent,
    reply: () => ofTencent({ Error: { Code: "AuthFailure.SignatureFailure", Message: "no" } }),
    expected: ["sms-key fail"],
  },
  {
    what: "Tencent, a key that may only send",
    env: tencent,
    reply: () => ofTencent({ Error: { Code: "AuthFailure.UnauthorizedOperation", Message: "no" } }),
    expected: ["sms-key ok"],
  },
  {
    what: "Yunpian, with money",
    env: (host) => ({ SMS_URL: `yunpian+http://hunter2@${host}` }),
    reply: () => says({ nick: "x", balance: 12.5 }),
    expected: ["sms-key ok", "sms-balance ok"],
  },
  {
    what: "Yunpian, without money",
    env: (host) => ({ SMS_URL: `yunpian+http://hunter2@${host}` }),
    reply: () => says({ nick: "x", balance: 0 }),
    expected: ["sms-key ok", "sms-balance fail"],
  },
  {
    what: "Yunpian, another key",
    env: (host) => ({ SMS_URL: `yunpian+http://hunter2@${host}` }),
    reply: () => says({ code: -1, msg: "非法的apikey" }, 400),
    expected: ["sms-key fail"],
  },
  {
    what: "Twilio, with money",
    env: twilio,
    reply: ({ path }) =>
      says(path.includes("Balance") ? { balance: "3.20", currency: "USD" } : { status: "active" }),
    expected: ["sms-key ok", "sms-balance ok"],
  },
  {
    what: "Twilio, suspended and without money",
    env: twilio,
    reply: ({ path }) =>
      says(path.includes("Balance") ? { balance: "0", currency: "USD" } : { status: "suspended" }),
    expected: ["sms-key fail", "sms-balance fail"],
  },
  {
    what: "Twilio, another token",
    env: twilio,
    reply: () => says({ code: 20003, message: "Authenticate" }, 401),
    expected: ["sms-key fail"],
  },
  {
    what: "a program of one's own, which is only reached",
    env: (host) => ({ SMS_URL: `hook+http://whsec_${"a".repeat(32)}@${host}/send` }),
    reply: () => says({}),
    expected: ["sms ok"],
  },
];

test.each(cases)("$what", async ({ env, reply, expected }) => {
  const service = await imitatedService(reply);
  try {
    const found = await checkSms(configOf(env(service.host)));
    expect(levels(found)).toEqual(expected);
    expect(JSON.stringify(found)).not.toContain("hunter2");
  } finally {
    await service.close();
  }
});

it("nobody there is told with what to check", async () => {
  const service = await imitatedService(() => "silence");
  await service.close();
  const [found, ...others] = await checkSms(configOf(aliyun(service.host)));
  expect([found!.level, others]).toEqual(["fail", []]);
  for (const text of [found!.zh, found!.en]) expect(text).toContain("SMS_URL");
});

it("without a vendor SMS go to development's mailbox, or nowhere", async () => {
  expect((await checkSms(configOf({})))[0]!.en).toContain("mailbox");
  const [off] = await checkSms(configOf({ MAIL_URL: "smtp://127.0.0.1:25" }));
  for (const text of [off!.zh, off!.en]) expect(text).toContain("SMS_URL");
});

test.each([
  ["none without a vendor", {}, []],
  ["none where whole texts are sent", twilio("127.0.0.1:9"), []],
  ["one for each notice without a template", aliyun("127.0.0.1:9"), Array(4).fill("sms-notice warn")],
  [
    "one where the others have one",
    {
      ...aliyun("127.0.0.1:9"),
      SMS_TEMPLATES: "leaveMobile=SMS_3,joinAccount=SMS_5,accountDeleted=SMS_6,*=SMS_2",
    },
    ["sms-notice warn"],
  ],
  [
    "none where all have",
    {
      ...aliyun("127.0.0.1:9"),
      SMS_TEMPLATES: "leaveMobile=SMS_3,deleteAccount=SMS_4,joinAccount=SMS_5,accountDeleted=SMS_6,*=SMS_2",
    },
    [],
  ],
])("what can't tell a number something: %s", (_what, env, expected) => {
  expect(levels(checkSmsNotice(configOf(env)))).toEqual(expected);
});
