/**
 * Turns the content of a mail into its text and HTML parts. Templates hand over plain strings only; every
 * one is escaped here, so no name, nickname or address can bring mark-up into a mail (CWE-79/80).
 * Nothing remote is loaded: no images, fonts or trackers; styles are inline because mail readers drop others.
 */
export type Language = "zh" | "en";

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

const brand = { zh: "美多商城", en: "Meiduo Accounts" } as const;
const footer = {
  zh: "此邮件由美多商城账号系统自动发送，请勿直接回复。",
  en: "Sent automatically by Meiduo Accounts. Please do not reply.",
} as const;

const escapes: Record<string, string> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => escapes[character] ?? character);
}

/** A person's own words on one line: control and direction characters could rearrange what stands around them. */
export function oneLine(text: string, limit = 60): string {
  const clean = text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, " ").trim();
  const characters = [...clean];
  return characters.length > limit ? `${characters.slice(0, limit).join("")}…` : clean;
}

export function layOut(language: Language, content: MailContent): RenderedMail {
  return { subject: content.subject, text: textOf(language, content), html: htmlOf(language, content) };
}

function textOf(language: Language, { heading, blocks }: MailContent): string {
  const parts = blocks.map((block) => {
    switch (block.kind) {
      case "code":
        return `    ${block.code}`;
      case "button":
        return `${block.label}${language === "zh" ? "：" : ": "}${block.url}`;
      case "facts":
        return block.rows
          .map(([label, value]) => `${label}${language === "zh" ? "：" : ": "}${value}`)
          .join("\n");
      default:
        return block.text;
    }
  });
  return [heading, ...parts, `-- \n${brand[language]}\n${footer[language]}`].join("\n\n").concat("\n");
}

// Colours in classes as well, so that readers that know prefers-color-scheme can darken them; the inline
// ones are what everybody else shows.
const darkStyles =
  ":root{color-scheme:light dark;supported-color-schemes:light dark}" +
  "@media (prefers-color-scheme:dark){.page{background:#16181d!important}.card{background:#22252c!important;" +
  "border-color:#353a44!important}.ink{color:#eceef2!important}.dim{color:#a3aab8!important}" +
  ".brand{color:#ff8f8f!important}.code{background:#2c313b!important;color:#ff8f8f!important}.rule{border-color:#353a44!important}}";
const fonts =
  "font-family:-apple-system,BlinkMacSystemFont,'Segoe UI','PingFang SC','Microsoft YaHei','Noto Sans CJK SC',sans-serif";

function htmlOf(language: Language, { subject, heading, blocks }: MailContent): string {
  return `<!doctype html>
<html lang="${language === "zh" ? "zh-CN" : "en"}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(subject)}</title>
<style>${darkStyles}</style>
</head>
<body class="page" style="margin:0;padding:0;background:#f4f5f7;${fonts}">
<table role="presentation" class="page" width="100%" cellpadding="0" cellspacing="0" style="background:#f4f5f7"><tr><td align="center" style="padding:32px 12px">
<table role="presentation" class="card" width="100%" cellpadding="0" cellspacing="0" style="max-width:520px;background:#ffffff;border:1px solid #e3e6ea;border-radius:12px">
<tr><td style="padding:28px 32px 0"><span class="brand" style="color:#c8161d;font-size:15px;font-weight:700;letter-spacing:.02em">${brand[language]}</span></td></tr>
<tr><td style="padding:12px 32px 8px"><h1 class="ink" style="margin:0;color:#1d2129;font-size:21px;line-height:1.4;font-weight:600">${escapeHtml(heading)}</h1></td></tr>
<tr><td style="padding:0 32px 24px">
${blocks.map(htmlOfBlock).join("\n")}
</td></tr>
<tr><td class="rule" style="padding:16px 32px 24px;border-top:1px solid #e3e6ea"><span class="dim" style="color:#6b7380;font-size:12px;line-height:1.6">${footer[language]}</span></td></tr>
</table>
</td></tr></table>
</body>
</html>
`;
}

function htmlOfBlock(block: Block): string {
  switch (block.kind) {
    case "paragraph":
      return `<p class="ink" style="margin:12px 0;color:#1d2129;font-size:15px;line-height:1.7">${escapeHtml(block.text)}</p>`;
    case "hint":
      return `<p class="dim" style="margin:12px 0;color:#6b7380;font-size:13px;line-height:1.7">${escapeHtml(block.text)}</p>`;
    case "code":
      return `<p class="code" style="margin:20px 0;padding:16px 8px;background:#f7f2f2;border-radius:8px;color:#c8161d;font:700 30px/1.2 ui-monospace,SFMono-Regular,Consolas,monospace;letter-spacing:.25em;text-align:center">${escapeHtml(block.code)}</p>`;
    case "button":
      return `<p style="margin:20px 0"><a href="${escapeHtml(block.url)}" style="display:inline-block;padding:11px 24px;background:#c8161d;border-radius:8px;color:#ffffff;font-size:15px;font-weight:600;text-decoration:none">${escapeHtml(block.label)}</a></p>
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
