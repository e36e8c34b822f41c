import { type Brand, nameIn } from "../../../brand/brand.ts";
import { fillText } from "../../../errors/fill-text.ts";
import { addressBelow } from "../../../kernel/public-address.ts";
import type { MailTemplate } from "../../../words/mail-templates.ts";
import { validity } from "./code-mails.ts";
import { chinaTime } from "./mail-facts.ts";
import { escapeHtml, type MailContent, type MailFrame, oneLine, type RenderedMail } from "./mail-layout.ts";
import type { MailKind, MailValues } from "./mail-values.ts";

export interface TemplateInput<Kind extends MailKind = MailKind> {
  readonly kind: Kind;
  readonly values: MailValues[Kind];
  readonly content: MailContent;
  readonly frame: MailFrame;
  readonly siteUrl: string;
  readonly brand: Brand;
}

/** An operator's own mail with its values: each one line, in the HTML escaped. The subject is that of the texts. */
export function fillTemplate(template: MailTemplate, input: TemplateInput): RenderedMail {
  const values = Object.entries(placesOf(input)).map(([name, value]) => [name, oneLine(value, 500)] as const);
  return {
    subject: input.content.subject,
    text: fillText(template.text, Object.fromEntries(values)),
    html: fillText(
      template.html,
      Object.fromEntries(values.map(([name, value]) => [name, escapeHtml(value)])),
    ),
  };
}

/** By the names that words/mail-templates.ts checks. A value that this mail has none of is empty. */
function placesOf({
  values,
  content,
  frame,
  siteUrl,
  brand,
}: TemplateInput): Readonly<Record<string, string>> {
  const all: Partial<Record<string, string | number | boolean>> = { ...values };
  const at = (path: string) => addressBelow(siteUrl === "" ? String(all.siteUrl) : siteUrl, path);
  const timeOf = (millis: string | number | boolean | undefined) =>
    millis === undefined ? "" : chinaTime(Number(millis));
  return {
    brand: nameIn(brand.name, frame.language),
    brandShort: nameIn(brand.short, frame.language),
    subject: content.subject,
    heading: content.heading,
    siteUrl: at("/"),
    logInUrl: at("/login"),
    signUpUrl: at(all.mayRegister === false ? "/forgot-password" : "/register"),
    resetUrl: at("/forgot-password"),
    notMeUrl: all.disownToken ? at(`/not-me#${all.disownToken}`) : at("/forgot-password"),
    cancelUrl: all.cancelToken === undefined ? "" : at(`/lost-factor#${all.cancelToken}`),
    ripeTime: timeOf(all.ripeAt),
    lapseTime: timeOf(all.lapsesAt),
    dueTime: timeOf(all.dueAt),
    linkUrl: String(all.link ?? ""),
    code: String(all.code ?? ""),
    validity: all.expiresInSeconds === undefined ? "" : validity(frame.say, Number(all.expiresInSeconds)),
    action: "action" in values ? frame.say(`stepUp.${values.action}`) : "",
    reason: "reason" in values ? frame.say(`sign_in_refused.${values.reason}`) : "",
    username: String(all.username ?? ""),
    provider: String(all.provider ?? ""),
    nickname: String(all.nickname ?? ""),
    device: String(all.device ?? ""),
    network: String(all.network ?? ""),
    time: timeOf(all.at),
    day: timeOf(all.expiresAt).slice(0, 10),
  };
}
