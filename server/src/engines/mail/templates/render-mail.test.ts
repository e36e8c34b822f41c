import { expect, test } from "vitest";
import { mailSamples as samples } from "../../../../test/support/mail-samples.ts";
import { defaultBrand } from "../../../brand/brand.ts";
import { templateValues } from "../../../words/mail-templates.ts";
import { createWords } from "../../../words/words.ts";
import type { MailKind } from "./mail-values.ts";
import { createMailRenderer } from "./render-mail.ts";
import { sampleValues } from "./sample-values.ts";

const renderMail = createMailRenderer({ brand: defaultBrand });

const hostile = `<img src=x onerror=alert(1)>"'&\r\nBcc: victim@example.com‮`;
const { account_exists: site, password_changed: notice } = samples;
const kinds = Object.keys(samples) as MailKind[];
const everyMail = kinds.flatMap((kind) =>
  ["zh", "en", "zh-Hant", "ja", "fr"].map((language) => [kind, language] as const),
);

test.each(everyMail)("%s in %s has both parts and loads nothing remote", (kind, language) => {
  const { subject, text, html } = renderMail(kind, language, samples[kind]);
  expect(subject).toMatch(
    /^zh/.test(language) ? /^【美多商城】/ : language === "ja" ? /^【Meiduo】/ : /^\[Meiduo\] /,
  );
  expect(text).toContain(/^zh/.test(language) ? "美多商城" : "Meiduo");
  expect(text).not.toMatch(/[<>]|undefined|NaN|Invalid/);
  expect(html).toContain(`<html lang="${language === "zh" ? "zh-Hans" : language}">`);
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
  expect(renderMail("no_account", "en", { ...site, mayRegister: true }).text).toContain(
    "https://www.example.com/register",
  );
  expect(renderMail("account_exists", "en", site).text).not.toMatch(/^ {4}\S{6}$/m);
});

test.each(kinds)("%s leads to nothing outside the path that the site has", (kind) => {
  const siteUrl = "https://shop.example/account";
  const values = { ...sampleValues(siteUrl, 0)[kind] };
  const { html } = renderMail(kind, "unknown", values as never);
  const links = [...html.matchAll(/href="([^"]+)"/g)].map(([, link]) => link);
  expect(links.length > 0).toBe(!("code" in values));
  for (const link of links) expect(link).toMatch(/^https:\/\/shop\.example\/account\/[a-z]/);
});

test("a security notice tells who, what and when", () => {
  const { text } = renderMail("binding_added", "zh", samples.binding_added);
  expect(text).toContain("用户名：zhangsan");
  expect(text).toContain("QQ昵称：三哥");
  expect(text).toContain("2026-11-22 20:05:00 (UTC+8)");
});

test.each(["zh", "en", "zh-Hant", "ja"])(
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

test("a mail of one's own has the values of ours, and no stranger's becomes mark-up or a line in it", () => {
  const names = "{brand}|{subject}|{heading}|{username}|{provider}|{nickname}|{time}|{resetUrl}|{siteUrl}";
  const mailTemplates = new Map([
    ["binding_added", new Map([["ja", { text: names, html: `<a href="{resetUrl}">${names}</a>` }]])],
  ]);
  const render = createMailRenderer({
    brand: defaultBrand,
    mailTemplates,
    publicSiteUrl: "https://a.example",
  });
  const { subject, text, html } = render("binding_added", "ja", {
    ...notice,
    provider: "QQ",
    nickname: `${hostile}{code}$&`,
  });
  expect(subject).toBe("【Meiduo】QQ アカウントを連携しました");
  expect(text.split("|")).toEqual([
    "Meiduo",
    subject,
    "QQ アカウントを連携しました",
    "zhangsan",
    "QQ",
    `<img src=x onerror=alert(1)>"'& Bcc: victim@example.com {code}$&`,
    "2026-11-22 20:05:00 (UTC+8)",
    "https://a.example/forgot-password",
    "https://a.example/",
  ]);
  expect(html).toContain("&lt;img src=x onerror=alert(1)&gt;&quot;&#39;&amp; Bcc");
  expect(html).not.toContain("<img");
  const below = createMailRenderer({
    ...{ brand: defaultBrand, mailTemplates },
    publicSiteUrl: "https://a.example/account",
  });
  expect(below("binding_added", "ja", { ...notice, provider: "QQ" }).text).toMatch(
    /\|https:\/\/a\.example\/account\/forgot-password\|https:\/\/a\.example\/account\/$/m,
  );
  // The others stay as they are.
  expect(render("binding_added", "en", { ...notice, provider: "QQ" }).text).toContain("QQ account bound");
});

test("every value that a template of a kind may have is filled", () => {
  for (const kind of kinds) {
    const names = templateValues[kind].map((name) => `{${name}}`).join(" ");
    const mailTemplates = new Map([[kind, new Map([["en", { text: names, html: names }]])]]);
    const render = createMailRenderer({
      brand: defaultBrand,
      mailTemplates,
      publicSiteUrl: "https://a.example",
    });
    expect(render(kind, "en", samples[kind]).html, kind).not.toMatch(/[{}]/);
  }
  expect(Object.keys(templateValues).sort()).toEqual([...kinds].sort());
});

test.each([
  [["zh", "en", "ja"], "有人", "Someone, maybe you"],
  [["ja"], "登録済み", "ログインする"],
  [["fr", "en"], "Someone, maybe you", "Log in"],
])("of %j a reader of an unknown language gets what helps most", (languages, one, other) => {
  const own = new Map([["fr", new Map()]]);
  const render = createMailRenderer({ brand: defaultBrand, words: createWords({ languages, own }) });
  const { subject, text } = render("account_exists", "unknown", site);
  expect(`${subject} ${text}`).toContain(one);
  expect(text).toContain(other);
});

test("an operator's words are text in a mail, whatever they look like", () => {
  const own = new Map([["en", new Map([["mail.register.heading", `<b onclick="x">{brand}</b>`]])]]);
  const render = createMailRenderer({ brand: defaultBrand, words: createWords({ own }) });
  const { html, text } = render("register", "en", samples.register);
  expect(text).toContain(`<b onclick="x">Meiduo</b>`);
  expect(html).toContain("&lt;b onclick=&quot;x&quot;&gt;Meiduo&lt;/b&gt;");
});
