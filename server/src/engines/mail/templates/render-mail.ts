import { type Brand, nameIn } from "../../../brand/brand.ts";
import { defaultMailPalette, mailPalette } from "../../../brand/palette.ts";
import { fillText } from "../../../errors/fill-text.ts";
import type { Language } from "../../../words/language.ts";
import type { MailTemplates } from "../../../words/mail-templates.ts";
import { ourWords, type Words } from "../../../words/words.ts";
import { fillTemplate } from "./fill-template.ts";
import { contentOf } from "./mail-content.ts";
import { layOut, type MailContent, type MailFrame, type RenderedMail } from "./mail-layout.ts";
import type { MailKind, MailValues } from "./mail-values.ts";

/**
 * Renders a mail of the kind in the language; `values` fill it, and are escaped. Where somebody else's request
 * causes it nobody knows the reader's language: with `unknown` it says the same in Chinese and in English.
 */
export type RenderMail = <Kind extends MailKind>(
  kind: Kind,
  language: Language | "unknown",
  values: MailValues[Kind],
) => RenderedMail;

export interface MailRendererOptions {
  readonly brand: Brand;
  readonly words?: Words;
  /** Whole mails in place of ours. */
  readonly mailTemplates?: MailTemplates;
  readonly publicSiteUrl?: string;
}

/** Mails as this installation writes them: in the operator's name and words. */
export function createMailRenderer({
  brand,
  words = ourWords,
  mailTemplates = new Map(),
  publicSiteUrl = "",
}: MailRendererOptions): RenderMail {
  const palette = brand.color === null ? defaultMailPalette : mailPalette(brand.color);
  const frameIn = (language: Language): MailFrame => {
    const names = { brand: nameIn(brand.name, language), brandShort: nameIn(brand.short, language) };
    return {
      ...{ language, palette },
      say: (key, values) => fillText(words.text(`mail.${key}`, language), { ...names, ...values }),
      signature: names.brand,
      supportEmail: brand.supportEmail,
    };
  };
  return (kind, language, values) => {
    const inOne = (one: Language) => contentOf(kind, values, frameIn(one).say);
    const templates = mailTemplates.get(kind);
    if (language === "unknown") {
      const hasBoth = ["zh", "en"].every((one) => words.languages.includes(one) && !templates?.has(one));
      if (hasBoth) return layOut(inBoth(inOne("zh"), inOne("en")), frameIn("zh"));
    }
    const spoken = language === "unknown" ? words.silent : language;
    const frame = frameIn(spoken);
    const content = inOne(spoken);
    const template = templates?.get(spoken);
    if (template === undefined) return layOut(content, frame);
    return fillTemplate(template, { ...{ kind, values, content, frame }, siteUrl: publicSiteUrl, brand });
  };
}

function inBoth(zh: MailContent, en: MailContent): MailContent {
  return {
    subject: `${zh.subject} ${en.subject}`,
    heading: zh.heading,
    blocks: [...zh.blocks, { kind: "paragraph", text: `${en.heading}.` }, ...en.blocks],
  };
}
