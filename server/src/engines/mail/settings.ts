import { SettingProblem } from "../../errors/setting-problem.ts";
import { defineSettings } from "../../kernel/settings/room-settings.ts";
import { boolean, integer, parsed, url } from "../../kernel/settings/variable.ts";
import { readWebhookSecret } from "../../kernel/webhook-signature.ts";
import { mailSchemes, parseMailUrl } from "./mail-url.ts";
import { defaultSender, parseSender, parseSmtpUrl } from "./smtp-url.ts";

/** How mails go out. */
export interface MailSettings {
  /** By what mails go out; null: the development mailbox. */
  readonly mailUrl: string | null;
  readonly emailFrom: string;
  readonly smtpConnections: number;
  readonly mailboxOpen: boolean;
  /** Signs what a mail service reports; null where it reports nothing. */
  readonly mailEventsSecret: Buffer | null;
  /** Of Aliyun's EventBridge, which reports for DirectMail. */
  readonly mailEventsToken: string | null;
}

export const mailSettings = defineSettings({
  variables: {
    MAIL_URL: url(mailSchemes, parseMailUrl, {
      fallbackText: "SMTP_URL",
      zh: "邮件怎样发出：smtp(s)://（可用 ?oauth=）、hook+https://、resend://、directmail://，见 docs/mail.zh.md。",
      en: "By what mails go out: smtp(s):// (with ?oauth= too), hook+https://, resend:// or directmail://; see docs/mail.md.",
    }),
    SMTP_URL: url(["smtp", "smtps"], parseSmtpUrl, {
      fallbackText: "the development mailbox",
      zh: "MAIL_URL 的旧名，仅限 SMTP：smtp://用户:授权码@主机:587 或 smtps://…:465。",
      en: "The older name of MAIL_URL, for SMTP alone: smtp://user:authorization-code@host:587 or smtps://…:465.",
    }),
    EMAIL_FROM: parsed(
      defaultSender,
      {
        zh: "发件人；QQ、163 邮箱要求与登录账号一致。",
        en: "Sender; QQ and 163 require the address that logs in.",
      },
      (raw) => {
        parseSender(raw);
        return raw;
      },
    ),
    SMTP_CONNECTIONS: integer(
      4,
      { min: 1, max: 100 },
      {
        zh: "一个进程与邮件服务器的最大连接数。163、QQ 免费账号只允许少量；自己的邮件网关可以更多，发信更快。",
        en: "Connections to the mail server at most, per process. Free accounts at 163 and QQ allow few; your own relay takes more, and then more mails a second.",
      },
    ),
    MAILBOX_OPEN: boolean(false, {
      zh: "开发邮箱是否对其他机器开放：其中有所有人的验证码。缺省仅限本机。",
      en: "Whether the development mailbox, which has everybody's codes, answers other machines; by default this one only.",
    }),
    MAIL_EVENTS_SECRET: parsed<Buffer | null>(
      null,
      {
        secret: true,
        zh: "邮件服务（Resend 或自己的程序）报告投递结果时的签名密钥 whsec_…，见 docs/mail.zh.md。",
        en: "The whsec_… secret by which a mail service (Resend, or your own program) signs what it reports of mails; see docs/mail.md.",
      },
      (raw) => {
        const secret = readWebhookSecret(raw);
        if (secret === null) throw new SettingProblem("hookSecret");
        return secret;
      },
    ),
    MAIL_EVENTS_TOKEN: parsed<string | null>(
      null,
      {
        secret: true,
        zh: "阿里云 EventBridge 报告邮件推送投递结果时的 Token，16 到 200 个字母、数字或 - _。",
        en: "The token of Aliyun's EventBridge when it reports what became of DirectMail's mails: 16 to 200 letters, digits, - and _.",
      },
      (raw) => {
        if (!/^[\w-]{16,200}$/.test(raw)) throw new SettingProblem("mailEventsToken");
        return raw;
      },
    ),
  },
  settings: (env): MailSettings => ({
    mailUrl: env.MAIL_URL ?? env.SMTP_URL,
    emailFrom: env.EMAIL_FROM,
    smtpConnections: env.SMTP_CONNECTIONS,
    mailboxOpen: env.MAILBOX_OPEN,
    mailEventsSecret: env.MAIL_EVENTS_SECRET,
    mailEventsToken: env.MAIL_EVENTS_TOKEN,
  }),
  problems(env, { production, isSet }) {
    const hasNone = !isSet("MAIL_URL") && !isSet("SMTP_URL");
    return [
      ...(production && hasNone ? [{ variable: "SMTP_URL", code: "requiredMail" } as const] : []),
      ...(isSet("MAIL_URL") && isSet("SMTP_URL")
        ? [{ variable: "MAIL_URL", code: "mailTwice" } as const]
        : []),
      ...(production && env.MAILBOX_OPEN
        ? [{ variable: "MAILBOX_OPEN", code: "mailboxInProduction" } as const]
        : []),
    ];
  },
  idle({ mailUrl }) {
    const noReports = "MAIL_URL names no service that reports by it";
    if (mailUrl !== null) {
      const { by } = parseMailUrl(mailUrl);
      return {
        MAILBOX_OPEN: "mails are sent, so there is no mailbox",
        ...(by === "directmail" ? { MAIL_EVENTS_SECRET: noReports } : { MAIL_EVENTS_TOKEN: noReports }),
        ...(by === "smtp" ? { MAIL_EVENTS_SECRET: noReports } : {}),
      };
    }
    const reason = "mails go to the development mailbox";
    return {
      ...{ EMAIL_FROM: reason, SMTP_CONNECTIONS: reason },
      ...{ MAIL_EVENTS_SECRET: reason, MAIL_EVENTS_TOKEN: reason },
    };
  },
});
