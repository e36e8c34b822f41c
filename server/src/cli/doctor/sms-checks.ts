import type { Config } from "../../config/config.ts";
import { outgoingHttp } from "../../engines/outgoing-http.ts";
import { openVendorSms } from "../../engines/sms/open-sms.ts";
import type { VendorFinding } from "../../engines/sms/sms.ts";
import { sendsNotice } from "../../engines/sms/sms-templates.ts";
import { parseSmsUrl, smsHost } from "../../engines/sms/sms-url.ts";
import { systemClock } from "../../kernel/clock.ts";
import type { SmsNotice } from "../../words/sms-texts.ts";
import { type Diagnosis, fail, ok, warn } from "./diagnosis.ts";

/** SMS: whether the vendor takes the key, and what it says of signature, templates and balance. Sends none. */
export async function checkSms(config: Config): Promise<Diagnosis[]> {
  const { smsUrl, environment, mailUrl } = config;
  if (smsUrl === null) return [withoutVendor(environment === "development" && mailUrl === null)];
  const host = smsHost(parseSmsUrl(smsUrl));
  const sender = await openVendorSms({
    ...{ ...config, url: smsUrl, http: outgoingHttp(config.outgoingProxy) },
    ...{ clock: systemClock, timeoutMillis: 8_000 },
  });
  try {
    return (await sender.verify()).map((finding) => told(host, finding));
  } catch (error) {
    const { message } = error as Error;
    return [
      fail(
        "sms",
        `${host} 连不上：${message}。请检查 SMS_URL 的主机，以及本机是否允许访问它（代理见 HTTPS_PROXY）。`,
        `${host} can't be reached: ${message}. Check the host in SMS_URL, and whether this machine may reach it (HTTPS_PROXY for a proxy).`,
      ),
    ];
  } finally {
    await sender.close();
  }
}

/** Whether a number can be told what is no code: that somebody asked to leave it, to delete the account, that it is erased, that two became one, and that staff act in its place. */
export function checkSmsNotice({
  smsUrl,
  smsTemplates,
  impersonation,
}: Pick<Config, "smsUrl" | "smsTemplates" | "impersonation">): Diagnosis[] {
  if (smsUrl === null) return [];
  const transport = parseSmsUrl(smsUrl);
  const cannot = {
    leaveMobile: [
      "没有 leaveMobile 通知模板（SMS_TEMPLATES；阿里云号码认证不能发）：丢了 SIM 卡的人不能自己移除号码，只能由员工处理，见 docs/sms.zh.md。",
      "There is no template leaveMobile for a notice (SMS_TEMPLATES; Aliyun's number verification can't send one): whoever lost their SIM can't leave the number by themselves, only staff can help (docs/sms.md).",
    ],
    deleteAccount: [
      "没有 deleteAccount 通知模板（SMS_TEMPLATES；阿里云号码认证不能发）：没有邮箱的人不会知道有人申请注销其账号，见 docs/sms.zh.md。",
      "There is no template deleteAccount for a notice (SMS_TEMPLATES; Aliyun's number verification can't send one): who has no e-mail address does not hear that somebody asked to delete their account (docs/sms.md).",
    ],
    accountDeleted: [
      "没有 accountDeleted 通知模板（SMS_TEMPLATES；阿里云号码认证不能发）：没有邮箱的人不会知道其账号已被清除，员工立即注销时更是如此，见 docs/sms.zh.md。",
      "There is no template accountDeleted for a notice (SMS_TEMPLATES; Aliyun's number verification can't send one): who has no e-mail address does not hear that their account is erased, not even where staff do it without grace (docs/sms.md).",
    ],
    joinAccount: [
      "没有 joinAccount 通知模板（SMS_TEMPLATES；阿里云号码认证不能发）：没有邮箱的人不会知道其账号与另一个账号合并了，见 docs/sms.zh.md。",
      "There is no template joinAccount for a notice (SMS_TEMPLATES; Aliyun's number verification can't send one): who has no e-mail address does not hear that their account and another one became one (docs/sms.md).",
    ],
    impersonation: [
      "没有 impersonation 通知模板（SMS_TEMPLATES；阿里云号码认证不能发）：没有邮箱的人不会知道工作人员在代表其操作，见 docs/sms.zh.md。",
      "There is no template impersonation for a notice (SMS_TEMPLATES; Aliyun's number verification can't send one): who has no e-mail address does not hear that staff act in their place (docs/sms.md).",
    ],
  } as const satisfies Readonly<Record<SmsNotice, readonly [string, string]>>;
  return (Object.keys(cannot) as SmsNotice[])
    .filter((notice) => notice !== "impersonation" || impersonation.isOn)
    .filter((notice) => !sendsNotice(transport, smsTemplates, notice))
    .map((notice) => warn("sms-notice", cannot[notice][0], cannot[notice][1]));
}

function withoutVendor(goesToMailbox: boolean): Diagnosis {
  return goesToMailbox
    ? ok("sms", "没有 SMS_URL，短信进入开发邮箱。", "There is no SMS_URL: SMS go to the development mailbox.")
    : ok(
        "sms",
        "没有 SMS_URL，本站不发短信：手机号不能验证。需要时请设置，见 docs/sms.zh.md。",
        "There is no SMS_URL, so the site sends no SMS: mobile numbers can't be proved. Set it if you want to (docs/sms.md).",
      );
}

type About = VendorFinding["about"];
const names: Readonly<Record<About, { readonly zh: string; readonly en: string }>> = {
  reach: { zh: "连接", en: "answers" },
  key: { zh: "密钥", en: "the key" },
  signature: { zh: "签名", en: "the signature" },
  template: { zh: "模板", en: "the template" },
  balance: { zh: "余额", en: "the balance" },
};

/** What to do about each. */
const remedies: Readonly<Record<About, { readonly zh: string; readonly en: string }>> = {
  reach: { zh: "请检查 SMS_URL 的主机。", en: "Check the host in SMS_URL." },
  key: {
    zh: "请检查 SMS_URL 中的密钥（特殊字符须百分号编码）及其权限。",
    en: "Check the key in SMS_URL (special characters percent-encoded), and what it may do.",
  },
  signature: {
    zh: "请检查 SMS_SIGN_NAME，并在服务商控制台确认签名已审核和报备。",
    en: "Check SMS_SIGN_NAME, and in the vendor's console that it is approved and registered.",
  },
  template: {
    zh: "请检查 SMS_TEMPLATES，并在服务商控制台确认模板已审核。",
    en: "Check SMS_TEMPLATES, and in the vendor's console that the template is approved.",
  },
  balance: { zh: "请充值或购买套餐包。", en: "Top it up, or buy a package." },
};

function told(host: string, { about, isGood, words }: VendorFinding): Diagnosis {
  const { zh, en } = names[about];
  const check = about === "reach" ? "sms" : `sms-${about}`;
  if (isGood === true)
    return ok(check, `${host}：${zh}可用（${words}）。`, `${host}: ${en} is good (${words}).`);
  if (isGood === null) {
    const later = about === "key" || about === "reach";
    return later
      ? ok(
          check,
          `${host} 可连接（密钥在发第一条短信时才会检查）：${words}。`,
          `${host} answers; its key is tried with the first SMS: ${words}.`,
        )
      : warn(
          check,
          `${host} 没有说明${zh}：${words}。请在控制台查看。`,
          `${host} did not tell of ${en}: ${words}. Look in its console.`,
        );
  }
  return fail(
    check,
    `${host}：${zh}不可用：${words}。${remedies[about].zh}`,
    `${host}: ${en} can't be used: ${words}. ${remedies[about].en}`,
  );
}
