/**
 * Turns the content of a mail into its text and HTML parts. Templates hand over plain strings only; every
 * one is escaped here, so no name, nickname or address can bring mark-up into a mail (CWE-79/80).
 * Nothing remote is loaded: no images, fonts or trackers; styles are inline because mail readers drop others.
 */
import type { MailPalette } from "../../../brand/palette.ts";
import type { TextValues } from "../../../errors/fill-text.ts";
import { type Language, tagOf } from "../../../words/language.ts";
import type { MailTextKey } from "../../../words/mail-texts.ts";

export type Block =
  | { readonly kind: "paragraph"; readonly text: string }
  | { readonly kind: "code"; readonly code: string }
  | { readonly kind: "button"; readonly label: string; readonly url: string }
  | { readonly kind: "facts"; readonly rows: readonly (readonly [label: string, value: string])[] }
  | { readonly kind: "hint"; readonly text: string };

export interface MailContent {
  readonly subject: string;
  readonly heading: string;
  readonly blocks: readonly Block[];
}

export interface RenderedMail {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** A text of mails in the language of the mail, with its values and the operator's name in it. */
export type Say = (key: MailTextKey, values?: TextValues) => string;

const escapes: Record<string, string> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => escapes[character] ?? character);
}

/** A person's own words on one line: control and direction characters could rearrange what stands around them. */
export function oneLine(text: string, limit = 60): string {
  const clean = text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, " ").trim();
  const characters = [...clean];
  return characters.length > limit ? `${characters.slice(0, limit).join("")}…` : clean;
}

/** How mails of this installation look and whom they name. */
export interface MailFrame {
  readonly language: Language;
  readonly say: Say;
  /** The operator's name, below the mail. */
  readonly signature: string;
  readonly palette: MailPalette;
  /** Where people ask for help; null: nowhere. */
  readonly supportEmail: string | null;
}

export function layOut(content: MailContent, frame: MailFrame): RenderedMail {
  return { subject: content.subject, text: textOf(content, frame), html: htmlOf(content, frame) };
}

function textOf({ heading, blocks }: MailContent, frame: MailFrame): string {
  const line = (label: string, value: string) => frame.say("facts.line", { label, value });
  const parts = blocks.map((block) => {
    switch (block.kind) {
      case "code":
        return `    ${block.code}`;
      case "button":
        return line(block.label, block.url);
      case "facts":
        return block.rows.map(([label, value]) => line(label, value)).join("\n");
      default:
        return block.text;
    }
  });
  const end = ["-- ", frame.signature, ...footerOf(frame)].join("\n");
  return [heading, ...parts, end].join("\n\n").concat("\n");
}

// Colours in classes as well, so that readers that know prefers-color-scheme can darken them; the inline
// ones are what everybody else shows.
const darkStyles = ({ darkText, darkCodeGround }: MailPalette) =>
  ":root{color-scheme:light dark;supported-color-schemes:light dark}" +
  "@media (prefers-color-scheme:dark){.page{background:#16181d!important}.card{background:#22252c!important;" +
  "border-color:#353a44!important}.ink{color:#eceef2!important}.dim{color:#a3aab8!important}" +
  `.brand{color:${darkText}!important}.code{background:${darkCodeGround}!important;color:${darkText}!important}` +
  ".rule{border-color:#353a44!important}}";
/** One character is drawn differently in each of these; a font of another country's would draw it as it is written there. */
const hanFonts: Readonly<Record<string, string>> = {
  zh: "'PingFang SC','Microsoft YaHei','Noto Sans CJK SC'",
  "zh-Hant": "'PingFang TC','Microsoft JhengHei','Noto Sans CJK TC'",
  ja: "'Hiragino Sans','Yu Gothic','Noto Sans CJK JP'",
};

function fontsOf(language: Language): string {
  const han = hanFonts[language] ?? (language.startsWith("zh-Hant") ? hanFonts["zh-Hant"] : hanFonts.zh);
  return `font-family:-apple-system,BlinkMacSystemFont,'Segoe UI',${han},sans-serif`;
}

function footerOf({ say, supportEmail }: MailFrame): string[] {
  return supportEmail === null ? [say("footer")] : [say("footer"), say("help", { email: supportEmail })];
}

function htmlOf({ subject, heading, blocks }: MailContent, frame: MailFrame): string {
  const { language, palette } = frame;
  return `<!doctype html>
<html lang="${tagOf(language)}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(subject)}</title>
<style>${darkStyles(palette)}</style>
</head>
<body class="page" style="margin:0;padding:0;background:#f4f5f7;${fontsOf(language)}">
<table role="presentation" class="page" width="100%" cellpadding="0" cellspacing="0" style="background:#f4f5f7"><tr><td align="center" style="padding:32px 12px">
<table role="presentation" class="card" width="100%" cellpadding="0" cellspacing="0" style="max-width:520px;background:#ffffff;border:1px solid #e3e6ea;border-radius:12px">
<tr><td style="padding:28px 32px 0"><span class="brand" style="color:${palette.text};font-size:15px;font-weight:700;letter-spacing:.02em">${escapeHtml(frame.signature)}</span></td></tr>
<tr><td style="padding:12px 32px 8px"><h1 class="ink" style="margin:0;color:#1d2129;font-size:21px;line-height:1.4;font-weight:600">${escapeHtml(heading)}</h1></td></tr>
<tr><td style="padding:0 32px 24px">
${blocks.map((block) => htmlOfBlock(block, palette)).join("\n")}
</td></tr>
<tr><td class="rule" style="padding:16px 32px 24px;border-top:1px solid #e3e6ea"><span class="dim" style="color:#6b7380;font-size:12px;line-height:1.6">${footerOf(frame).map(escapeHtml).join("<br>")}</span></td></tr>
</table>
</td></tr></table>
</body>
</html>
`;
}

function htmlOfBlock(block: Block, palette: MailPalette): string {
  switch (block.kind) {
    case "paragraph":
      return `<p class="ink" style="margin:12px 0;color:#1d2129;font-size:15px;line-height:1.7">${escapeHtml(block.text)}</p>`;
    case "hint":
      return `<p class="dim" style="margin:12px 0;color:#6b7380;font-size:13px;line-height:1.7">${escapeHtml(block.text)}</p>`;
    case "code":
      return `<p class="code" style="margin:20px 0;padding:16px 8px;background:${palette.codeGround};border-radius:8px;color:${palette.text};font:700 30px/1.2 ui-monospace,SFMono-Regular,Consolas,monospace;letter-spacing:.25em;text-align:center">${escapeHtml(block.code)}</p>`;
    case "button":
      return `<p style="margin:20px 0"><a href="${escapeHtml(block.url)}" style="display:inline-block;padding:11px 24px;background:${palette.button};border:1px solid ${palette.buttonEdge};border-radius:8px;color:${palette.onButton};font-size:15px;font-weight:600;text-decoration:none">${escapeHtml(block.label)}</a></p>
<p class="dim" style="margin:0 0 12px;color:#6b7380;font-size:12px;line-height:1.6;word-break:break-all">${escapeHtml(block.url)}</p>`;
    case "facts":
      return `<table role="presentation" cellpadding="0" cellspacing="0" style="margin:12px 0">${block.rows
        .map(
          ([label, value]) =>
            `<tr><td class="dim" style="padding:3px 20px 3px 0;color:#6b7380;font-size:14px;vertical-align:top;white-space:nowrap">${escapeHtml(label)}</td><td class="ink" style="padding:3px 0;color:#1d2129;font-size:14px;word-break:break-word">${escapeHtml(value)}</td></tr>`,
        )
        .join("")}</table>`;
  }
}
