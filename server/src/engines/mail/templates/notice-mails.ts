import { type Block, type Language, type MailContent, oneLine } from "./mail-layout.ts";
import type { BindingValues, NoticeValues, SiteValues } from "./mail-values.ts";

/**
 * Mails without a code. Two answer requests that the page answers alike for every address, so that only the
 * owner of the mailbox learns whether it has an account; the rest tell an owner what changed.
 */
export function accountExists(language: Language, { siteUrl }: SiteValues): MailContent {
  return language === "zh"
    ? {
        subject: "【美多商城】这个邮箱已经注册过",
        heading: "这个邮箱已经有账号了",
        blocks: [
          paragraph("有人（可能是您）想用这个邮箱注册美多商城账号，但它已经注册过，因此没有发送验证码。"),
          paragraph("请直接登录；忘记密码时，可以在登录页选择“忘记密码”重新设置。"),
          button("去登录", siteUrl, "/login"),
          hint("如果不是您本人的操作，请忽略这封邮件，您的账号没有任何变化。"),
        ],
      }
    : {
        subject: "[Meiduo] This address already has an account",
        heading: "You already have an account",
        blocks: [
          paragraph(
            "Someone, maybe you, asked to create a Meiduo account with this email address. It has one already, so no code was sent.",
          ),
          paragraph(
            "Please log in. If you forgot your password, choose “Forgotten password” on the log-in page.",
          ),
          button("Log in", siteUrl, "/login"),
          hint("If it was not you, ignore this mail: nothing about your account has changed."),
        ],
      };
}

export function noAccount(language: Language, { siteUrl }: SiteValues): MailContent {
  return language === "zh"
    ? {
        subject: "【美多商城】这个邮箱没有注册账号",
        heading: "没有找到使用这个邮箱的账号",
        blocks: [
          paragraph("有人（可能是您）想重置使用这个邮箱的美多商城账号的密码，但这个邮箱没有注册过。"),
          paragraph("您可能是用别的邮箱注册的，请换一个再试；也可以用这个邮箱注册新账号。"),
          button("去注册", siteUrl, "/register"),
          hint("如果不是您本人的操作，请忽略这封邮件。"),
        ],
      }
    : {
        subject: "[Meiduo] No account with this address",
        heading: "There is no account with this address",
        blocks: [
          paragraph(
            "Someone, maybe you, asked to reset the password of a Meiduo account with this email address. There is none.",
          ),
          paragraph(
            "You may have signed up with another address: try that one, or create an account with this one.",
          ),
          button("Sign up", siteUrl, "/register"),
          hint("If it was not you, ignore this mail."),
        ],
      };
}

export function passwordChanged(language: Language, values: NoticeValues): MailContent {
  const isZh = language === "zh";
  return {
    subject: isZh ? "【美多商城】您的密码已修改" : "[Meiduo] Your password was changed",
    heading: isZh ? "您的密码已修改" : "Your password was changed",
    blocks: [
      paragraph(
        isZh
          ? "您的美多商城账号的密码刚刚被修改，之前的登录已全部失效。"
          : "The password of your Meiduo account was just changed. Every earlier log-in has ended.",
      ),
      facts(language, values),
      ...notYou(language, values),
    ],
  };
}

/** Goes to the address that was replaced: its owner may not be the one who did it. */
export function emailChanged(language: Language, values: NoticeValues): MailContent {
  const isZh = language === "zh";
  return {
    subject: isZh ? "【美多商城】您的邮箱已更换" : "[Meiduo] Your email address was changed",
    heading: isZh ? "您的邮箱已更换" : "Your email address was changed",
    blocks: [
      paragraph(
        isZh
          ? "您的美多商城账号刚刚更换了邮箱，这个邮箱不能再用来登录或找回密码。"
          : "Your Meiduo account was just given another email address. This one can no longer be used to log in or to reset the password.",
      ),
      facts(language, values),
      ...notYou(language, values),
    ],
  };
}

export function bindingChanged(
  change: "added" | "removed",
  language: Language,
  values: BindingValues,
): MailContent {
  const isZh = language === "zh";
  const provider = oneLine(values.provider);
  const heading =
    change === "added"
      ? isZh
        ? `已绑定${provider}账号`
        : `${provider} account bound`
      : isZh
        ? `已解绑${provider}账号`
        : `${provider} account unbound`;
  const sentence =
    change === "added"
      ? isZh
        ? `您的美多商城账号刚刚绑定了${provider}账号，今后可以用它直接登录。`
        : `A ${provider} account was just bound to your Meiduo account and can now log in to it.`
      : isZh
        ? `您的美多商城账号刚刚解绑了${provider}账号，它不能再用来登录。`
        : `A ${provider} account was just unbound from your Meiduo account and can no longer log in to it.`;
  const nickname = values.nickname ? oneLine(values.nickname) : "";
  const extra: [string, string][] = nickname
    ? [[isZh ? `${provider}昵称` : `${provider} name`, nickname]]
    : [];
  return {
    subject: isZh ? `【美多商城】${heading}` : `[Meiduo] ${heading}`,
    heading,
    blocks: [paragraph(sentence), facts(language, values, extra), ...notYou(language, values)],
  };
}

function facts(language: Language, { username, at }: NoticeValues, extra: [string, string][] = []): Block {
  const isZh = language === "zh";
  return {
    kind: "facts",
    rows: [
      [isZh ? "用户名" : "User name", oneLine(username, 150)],
      ...extra,
      [isZh ? "时间" : "Time", chinaTime(at)],
    ],
  };
}

function notYou(language: Language, { siteUrl }: SiteValues): Block[] {
  return language === "zh"
    ? [paragraph("如果不是您本人的操作，请立即重置密码。"), button("重置密码", siteUrl, "/forgot-password")]
    : [
        paragraph("If it was not you, reset your password at once."),
        button("Reset password", siteUrl, "/forgot-password"),
      ];
}

/** `2026-11-22 20:05:00 (UTC+8)`. China keeps one time zone and no summer time. */
function chinaTime(epochMillis: number): string {
  const shifted = new Date(epochMillis + 8 * 3600 * 1000).toISOString();
  return `${shifted.slice(0, 10)} ${shifted.slice(11, 19)} (UTC+8)`;
}

function paragraph(text: string): Block {
  return { kind: "paragraph", text };
}

function hint(text: string): Block {
  return { kind: "hint", text };
}

function button(label: string, siteUrl: string, path: string): Block {
  return { kind: "button", label, url: new URL(path, siteUrl).href };
}
