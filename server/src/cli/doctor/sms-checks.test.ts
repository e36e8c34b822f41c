import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it, test } from "vitest";
import { imitatedService, type Received, type ServiceReply } from "../../../test/support/imitated-service.ts";
import { readConfig } from "../../config/config.ts";
import type { Diagnosis } from "./diagnosis.ts";
import { checkSms } from "./sms-checks.ts";

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
