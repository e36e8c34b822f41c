import { expect, test } from "vitest";
import type { MailKind, MailValues } from "./mail-values.ts";
import { renderMail } from "./render-mail.ts";

const hostile = `<img src=x onerror=alert(1)>"'&\r\nBcc: victim@example.com‮`;
const site = { siteUrl: "https://www.example.com/" };
const notice = { ...site, username: "zhangsan", at: Date.UTC(2026, 10, 22, 12, 5, 0) };
const samples: { [Kind in MailKind]: MailValues[Kind] } = {
  register: { code: "A7K9Q2", expiresInSeconds: 180 },
  resetpwd: { code: "A7K9Q2", expiresInSeconds: 180 },
  bindAccount: { code: "A7K9Q2", expiresInSeconds: 180 },
  changeEmail: { code: "A7K9Q2", expiresInSeconds: 180 },
  account_exists: site,
  no_account: site,
  password_changed: notice,
  email_changed: notice,
  binding_added: { ...notice, provider: "QQ", nickname: "三哥" },
  binding_removed: { ...notice, provider: "微博" },
};
const kinds = Object.keys(samples) as MailKind[];
const everyMail = kinds.flatMap((kind) =>
  (["zh", "en"] as const).map((language) => [kind, language] as const),
);

test.each(everyMail)("%s in %s has both parts and loads nothing remote", (kind, language) => {
  const { subject, text, html } = renderMail(kind, language, samples[kind]);
  expect(subject).toMatch(language === "zh" ? /^【美多商城】/ : /^\[Meiduo\] /);
  expect(text).toContain(language === "zh" ? "美多商城" : "Meiduo Accounts");
  expect(text).not.toMatch(/[<>]|undefined|NaN|Invalid/);
  expect(html).toContain(`<html lang="${language === "zh" ? "zh-CN" : "en"}">`);
  expect(html).toContain("prefers-color-scheme:dark");
  expect(html).not.toMatch(/<img|<link|<script|@import|url\(|src=|undefined|NaN/);
  // The only addresses in it are links to the site.
  for (const [, url] of html.matchAll(/(https?:[^"<]*)/g))
    expect(url).toMatch(/^https:\/\/www\.example\.com\//);
});

test.each([
  ["register", "注册", "sign-up"],
  ["resetpwd", "重置", "reset"],
  ["bindAccount", "绑定", "binding"],
] as const)("%s says purpose, code and how long it holds", (kind, zhPurpose, enPurpose) => {
  const zh = renderMail(kind, "zh", samples[kind]);
  expect(zh.subject).toContain(zhPurpose);
  expect(zh.text).toMatch(/^ {4}A7K9Q2$/m);
  expect(zh.text).toContain("3分钟内有效");
  expect(zh.html).toContain(">A7K9Q2<");
  expect(zh.html).toContain("3分钟内有效");
  const en = renderMail(kind, "en", samples[kind]);
  expect(en.subject).toContain(enPurpose);
  expect(en.text).toContain("valid for 3 minutes");
  expect(en.html).toContain(">A7K9Q2<");
  // Not in the subject: a locked phone shows subjects.
  expect(zh.subject + en.subject).not.toContain("A7K9Q2");
});

test.each([
  [60, "1分钟内有效", "1 minute "],
  [90, "90秒内有效", "90 seconds "],
  [600, "10分钟内有效", "10 minutes "],
])("%i seconds are told as %s", (expiresInSeconds, zh, en) => {
  expect(renderMail("register", "zh", { code: "X", expiresInSeconds }).text).toContain(zh);
  expect(renderMail("register", "en", { code: "X", expiresInSeconds }).text).toContain(en);
});

test("notices lead to the site's pages and carry no code", () => {
  expect(renderMail("account_exists", "zh", site).text).toContain("https://www.example.com/login");
  expect(renderMail("no_account", "en", site).text).toContain("https://www.example.com/register");
  expect(renderMail("account_exists", "en", site).text).not.toMatch(/^ {4}\S{6}$/m);
});

test("a security notice tells who, what and when", () => {
  const { text } = renderMail("binding_added", "zh", samples.binding_added);
  expect(text).toContain("用户名：zhangsan");
  expect(text).toContain("QQ昵称：三哥");
  expect(text).toContain("2026-11-22 20:05:00 (UTC+8)");
});

test.each(["zh", "en"] as const)(
  "nothing a stranger typed becomes mark-up, a line or a subject (%s)",
  (language) => {
    const mail = renderMail("binding_added", language, {
      ...notice,
      username: hostile,
      provider: hostile,
      nickname: hostile,
    });
    expect(mail.html).not.toContain("<img");
    expect(mail.html).toContain("&lt;img src=x onerror=alert(1)&gt;&quot;&#39;&amp;");
    expect(mail.subject).not.toMatch(/[\r\n\u202e]/);
    expect(mail.text).not.toMatch(/^Bcc:/m);
    expect(mail.html + mail.text).not.toContain("\u202e");
  },
);

test("a nickname without end is cut", () => {
  const { text } = renderMail("binding_removed", "zh", {
    ...samples.binding_removed,
    nickname: "长".repeat(5000),
  });
  expect(text).toContain(`${"长".repeat(60)}…`);
  expect(text).not.toContain("长".repeat(61));
});
