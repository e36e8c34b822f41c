import { defineSettings } from "../../kernel/settings/room-settings.ts";
import { boolean, integer, parsed, url } from "../../kernel/settings/variable.ts";
import { parseSender, parseSmtpUrl } from "./smtp-url.ts";

/** How mails go out. */
export interface MailSettings {
  /** Null: the development mailbox. */
  readonly smtpUrl: string | null;
  readonly emailFrom: string;
  readonly smtpConnections: number;
  readonly mailboxOpen: boolean;
}

export const mailSettings = defineSettings({
  variables: {
    SMTP_URL: url(["smtp", "smtps"], parseSmtpUrl, {
      fallbackText: "the development mailbox",
      zh: "smtp://用户:授权码@主机:587 或 smtps://…:465。",
      en: "smtp://user:authorization-code@host:587 or smtps://…:465.",
    }),
    EMAIL_FROM: parsed(
      "美多商城 <no-reply@meiduo.example>",
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
  },
  required: { SMTP_URL: "requiredMail" },
  settings: (env): MailSettings => ({
    smtpUrl: env.SMTP_URL,
    emailFrom: env.EMAIL_FROM,
    smtpConnections: env.SMTP_CONNECTIONS,
    mailboxOpen: env.MAILBOX_OPEN,
  }),
  problems: (env, { production }) =>
    production && env.MAILBOX_OPEN ? [{ variable: "MAILBOX_OPEN", code: "mailboxInProduction" }] : [],
  idle({ smtpUrl }) {
    if (smtpUrl !== null) return { MAILBOX_OPEN: "mails are sent, so there is no mailbox" };
    const reason = "mails go to the development mailbox";
    return { EMAIL_FROM: reason, SMTP_CONNECTIONS: reason };
  },
});
