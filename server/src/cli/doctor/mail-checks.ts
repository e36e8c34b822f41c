import type { Config } from "../../config/config.ts";
import { KeyRefused } from "../../engines/mail/mail.ts";
import { type MailTransport, mailHost, parseMailUrl } from "../../engines/mail/mail-url.ts";
import { openMailer } from "../../engines/mail/open-mailer.ts";
import { parseSender, type SmtpServer } from "../../engines/mail/smtp-url.ts";
import { outgoingHttp } from "../../engines/outgoing-http.ts";
import { systemClock } from "../../kernel/clock.ts";
import { type Diagnosis, fail, ok, warn } from "./diagnosis.ts";

/** Mail: what the settings give away, then whether the server answers and takes the log-in. */
export async function checkMail(config: Config): Promise<Diagnosis[]> {
  const { mailUrl, emailFrom, environment } = config;
  if (mailUrl === null) {
    return environment === "production"
      ? [
          fail(
            "smtp",
            "没有 SMTP_URL：验证码发不出去。请设置，例如 smtps://账号:授权码@smtp.qq.com:465。",
            "There is no SMTP_URL: no code reaches anybody. Set it, as in smtps://account:code@smtp.qq.com:465.",
          ),
        ]
      : [
          ok(
            "smtp",
            "没有 SMTP_URL，邮件进入开发邮箱。",
            "There is no SMTP_URL: mails go to the development mailbox.",
          ),
        ];
  }
  const transport = parseMailUrl(mailUrl);
  const found = transport.by === "smtp" ? checkSmtpSettings(transport.server, emailFrom) : [];
  const mailer = await openMailer({
    ...{ url: mailUrl, from: emailFrom, maxConnections: 1, http: outgoingHttp(config.outgoingProxy) },
    ...{ clock: systemClock, timeoutMillis: 8_000 },
  });
  try {
    const verified = await mailer.verify();
    found.push(reached(transport, verified?.isKeyTried ?? false));
  } catch (error) {
    if (error instanceof KeyRefused) found.push(keyRefused(transport, error));
    else if (transport.by === "smtp") found.push(explainSmtpFailure(transport.server, error as Error));
    else found.push(unreachable(transport, error as Error));
  } finally {
    await mailer.close();
  }
  return [...found, ...checkReports(transport, config)];
}

/** A service by HTTP that can't be asked about the key shows only that it answers. */
function reached(transport: MailTransport, isKeyTried: boolean): Diagnosis {
  const host = mailHost(transport);
  if (transport.by === "smtp") {
    return ok("smtp", `${host} 可连接并登录。`, `${host} answers and takes the log-in.`);
  }
  return isKeyTried
    ? ok("mail", `${host} 可连接，密钥有效。`, `${host} answers and takes the key.`)
    : ok(
        "mail",
        `${host} 可连接（密钥在发第一封邮件时才会检查）。`,
        `${host} answers; its key is tried with the first mail.`,
      );
}

function keyRefused(transport: MailTransport, { message }: Error): Diagnosis {
  return fail(
    "mail-key",
    `${mailHost(transport)} 不接受密钥：${message}。请检查 MAIL_URL 中的密钥（特殊字符须百分号编码），以及它是否已停用。`,
    `${mailHost(transport)} refuses the key: ${message}. Check the key in MAIL_URL (special characters percent-encoded), and whether it was switched off.`,
  );
}

/** Whether the service can report what became of mails. Pure. */
export function checkReports(
  { by }: Pick<MailTransport, "by">,
  { mailEventsSecret, mailEventsToken }: Pick<Config, "mailEventsSecret" | "mailEventsToken">,
): Diagnosis[] {
  if (by === "smtp") return [];
  const variable = by === "directmail" ? "MAIL_EVENTS_TOKEN" : "MAIL_EVENTS_SECRET";
  const isSet = (by === "directmail" ? mailEventsToken : mailEventsSecret) !== null;
  return [
    isSet
      ? ok(
          "mail-reports",
          "邮件服务可以报告投递结果（/mails/events/）。",
          "The mail service may report what becomes of mails (/mails/events/).",
        )
      : ok(
          "mail-reports",
          `没有 ${variable}：不会知道邮件是否被退回；需要时请设置，见 docs/mail.zh.md。`,
          `There is no ${variable}: nobody learns which mails come back. Set it if you want to (docs/mail.md).`,
        ),
  ];
}

function unreachable(transport: MailTransport, { message }: Error): Diagnosis {
  return fail(
    "mail",
    `${mailHost(transport)} 连不上：${message}。请检查 MAIL_URL 的主机，以及本机是否允许访问它（代理见 HTTPS_PROXY）。`,
    `${mailHost(transport)} can't be reached: ${message}. Check the host in MAIL_URL, and whether this machine may reach it (HTTPS_PROXY for a proxy).`,
  );
}

const chinese = /(^|\.)(qq|163|126|yeah|foxmail|exmail\.qq|aliyun|sina)\.(com|net|cn)$/;

/** A refused log-in at these is nearly always the mailbox's password in the place of the authorization code. Pure. */
export function explainSmtpFailure(
  { host, port }: Pick<SmtpServer, "host" | "port">,
  error: Error & { readonly responseCode?: number },
): Diagnosis {
  const reason = error.message;
  const isRefusedLogIn = error.responseCode === 535 || /\b535\b/.test(reason);
  if (isRefusedLogIn && chinese.test(host)) {
    return fail(
      "smtp",
      `${host} 拒绝登录（535）：SMTP_URL 里要填授权码，不是邮箱密码。请在邮箱网页版“设置 → POP3/SMTP”中开启 SMTP 并生成授权码；也可能是短时间登录过多。`,
      `${host} refuses the log-in (535): SMTP_URL needs the authorization code, not the mailbox's password. Turn SMTP on in the mailbox's web settings and make a code there; or there were too many log-ins in a short time.`,
    );
  }
  if (isRefusedLogIn) {
    return fail(
      "smtp",
      `${host}:${port} 拒绝登录（535）：请检查 SMTP_URL 中的账号和密码（特殊字符须百分号编码）。`,
      `${host}:${port} refuses the log-in (535): check the account and password in SMTP_URL (special characters percent-encoded).`,
    );
  }
  return fail(
    "smtp",
    `${host}:${port} 不能发信：${reason}。请检查 SMTP_URL 的主机和端口，以及本机是否允许访问它（云主机常封 25 端口）。`,
    `${host}:${port} does not take mail: ${reason}. Check host and port in SMTP_URL, and whether this machine may reach them (many clouds block port 25).`,
  );
}

/** Pure. */
export function checkSmtpSettings(server: SmtpServer, emailFrom: string): Diagnosis[] {
  const found: Diagnosis[] = [];
  const { address } = parseSender(emailFrom);
  const login = server.auth?.user ?? null;
  if (chinese.test(server.host) && login !== null && login.toLowerCase() !== address.toLowerCase()) {
    found.push(
      fail(
        "smtp-from",
        `${server.host} 要求发件人与登录账号一致：EMAIL_FROM 是 ${address}，登录是 ${login}。请把 EMAIL_FROM 改为 ${login}。`,
        `${server.host} wants the sender to be the account: EMAIL_FROM is ${address}, the log-in is ${login}. Set EMAIL_FROM to ${login}.`,
      ),
    );
  }
  if (chinese.test(server.host) && login === null) {
    found.push(
      fail(
        "smtp-login",
        `${server.host} 需要账号和授权码：请写成 SMTP_URL=smtps://账号:授权码@${server.host}:465。`,
        `${server.host} needs an account and its authorization code: write SMTP_URL=smtps://account:code@${server.host}:465.`,
      ),
    );
  }
  if (server.port === 465 && server.encryption !== "implicit") {
    found.push(
      fail(
        "smtp-port",
        "465 端口一开始就是 TLS：请写 smtps:// 而不是 smtp://。",
        "Port 465 speaks TLS from the first byte: write smtps:// instead of smtp://.",
      ),
    );
  }
  if ((server.port === 587 || server.port === 25) && server.encryption === "implicit") {
    found.push(
      fail(
        "smtp-port",
        `${server.port} 端口用 STARTTLS：请写 smtp:// 而不是 smtps://。`,
        `Port ${server.port} uses STARTTLS: write smtp:// instead of smtps://.`,
      ),
    );
  }
  const pass = server.auth?.pass ?? "";
  if (/(^|\.)qq\.com$/.test(server.host) && pass !== "" && !/^[a-z]{16}$/.test(pass)) {
    found.push(
      warn(
        "smtp-code",
        "QQ 的授权码是 16 个小写字母；现在的像是邮箱密码。请在邮箱设置里开启 SMTP 并生成授权码。",
        "QQ's authorization code is 16 lower-case letters; this looks like the mailbox's password. Make one in the mailbox's settings.",
      ),
    );
  }
  return found;
}
