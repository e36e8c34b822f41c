import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { placesIn } from "../errors/fill-text.ts";
import type { SettingProblemCode } from "../errors/setting-problem.ts";
import { type Language, readLanguage, tagOf } from "./language.ts";
import type { TextProblem } from "./text-files.ts";

/**
 * Mails that an operator writes whole: in the folder `mails` of TEXTS_DIR, `<kind>.<language>.txt` and `.html`, filled
 * with the same values as ours. Everything wrong is named, and nothing is read later. Attacks: a stranger's nickname
 * that becomes mark-up, or the address of a link; values are escaped, and where in the HTML a value may stand is
 * checked here (guard: mail-templates.test.ts).
 */
export interface MailTemplate {
  readonly text: string;
  readonly html: string;
}

/** By `kind` and language. */
export type MailTemplates = ReadonlyMap<string, ReadonlyMap<Language, MailTemplate>>;

const everywhere = ["brand", "brandShort", "subject", "heading", "siteUrl"] as const;
const codeValues = ["code", "validity"] as const;
const noticeValues = ["username", "time", "resetUrl", "notMeUrl"] as const;
const bindingValues = [...noticeValues, "provider", "nickname"] as const;

/** What fills a template of each kind. A new kind of mail gets its line here. */
export const templateValues = {
  register: [...everywhere, ...codeValues],
  resetpwd: [...everywhere, ...codeValues],
  bindAccount: [...everywhere, ...codeValues],
  changeEmail: [...everywhere, ...codeValues],
  signIn: [...everywhere, ...codeValues],
  stepUp: [...everywhere, ...codeValues, "action"],
  account_exists: [...everywhere, "logInUrl"],
  no_account: [...everywhere, "signUpUrl"],
  sign_in_refused: [...everywhere, "reason", "resetUrl"],
  password_changed: [...everywhere, ...noticeValues],
  email_changed: [...everywhere, ...noticeValues],
  email_added: [...everywhere, ...noticeValues],
  username_changed: [...everywhere, ...noticeValues],
  mobile_lost: [...everywhere, ...noticeValues],
  number_leave_asked: [...everywhere, ...noticeValues, "device", "network", "dueTime"],
  number_leave_cancelled: [...everywhere, ...noticeValues],
  number_left: [...everywhere, ...noticeValues],
  number_added: [...everywhere, ...noticeValues],
  number_changed: [...everywhere, ...noticeValues],
  number_removed: [...everywhere, ...noticeValues],
  account_joined: [...everywhere, ...noticeValues, "nickname"],
  binding_added: [...everywhere, ...bindingValues],
  binding_removed: [...everywhere, ...bindingValues],
  session_replayed: [...everywhere, ...noticeValues, "device", "network"],
  second_factor_added: [...everywhere, ...noticeValues],
  second_factor_removed: [...everywhere, ...noticeValues],
  recovery_code_used: [...everywhere, ...noticeValues],
  recovery_codes_low: [...everywhere, ...noticeValues],
  recovery_codes_renewed: [...everywhere, ...noticeValues],
  second_factor_stopped: [...everywhere, ...noticeValues, "device", "network"],
  lost_factor_asked: [
    ...[...everywhere, "username", "time", "device", "network"],
    ...["ripeTime", "lapseTime", "cancelUrl"],
  ],
  lost_factor_cancelled: [...everywhere, ...noticeValues],
  passkey_added: [...everywhere, ...noticeValues],
  passkey_removed: [...everywhere, ...noticeValues],
  data_export_asked: [...everywhere, ...noticeValues],
  data_export_ready: [...everywhere, "username", "day", "logInUrl", "notMeUrl"],
  deletion_asked: [...everywhere, "username", "time", "dueTime", "logInUrl", "notMeUrl"],
  impersonation_begun: [...everywhere, "username", "time", "dueTime", "logInUrl"],
  deletion_cancelled: [...everywhere, ...noticeValues],
  account_deleted: [...everywhere, "username", "time"],
  authenticator_changed: [...everywhere, ...noticeValues],
  new_device: [...everywhere, ...noticeValues, "device", "network"],
  invitation: [...everywhere, "linkUrl", "day"],
  confirm_email: [...everywhere, "linkUrl", "day"],
  account_made: [...everywhere, "linkUrl", "username"],
} as const satisfies Readonly<Record<string, readonly string[]>>;

type TemplateKind = keyof typeof templateValues;

/** Every kind of mail. */
export const mailKinds = Object.keys(templateValues) as readonly TemplateKind[];

const largestTemplate = 256 * 1024;

/** Reads the folder `mails`; one that is not there has no templates. */
export function readMailTemplates(folder: string): {
  templates: MailTemplates;
  problems: readonly TextProblem[];
} {
  const problems: TextProblem[] = [];
  const parts = new Map<string, Partial<Record<"txt" | "html", string>>>();
  for (const file of filesOf(folder)) {
    const name = /^([a-zA-Z_]+)\.([\w-]+)\.(txt|html)$/.exec(file);
    const [kind = "", tag = "", part = ""] = name?.slice(1) ?? [];
    const language = readLanguage(tag);
    const known = mailKinds.find((one) => one === kind);
    if (known === undefined || language === null) {
      problems.push({
        code: "templateName",
        parameters: { file, known: mailKinds.join(", ") },
      });
      continue;
    }
    const found = readTemplate(join(folder, file));
    const wrong = typeof found === "string" ? problemOf(known, part as "txt" | "html", found) : found;
    if (wrong !== null) problems.push({ code: wrong.code, parameters: { file, ...wrong.parameters } });
    const id = `${kind} ${language}`;
    parts.set(id, { ...parts.get(id), [part]: typeof found === "string" ? found : "" });
  }
  return { templates: pairsOf(parts, problems), problems };
}

function pairsOf(
  parts: ReadonlyMap<string, Partial<Record<"txt" | "html", string>>>,
  problems: TextProblem[],
): MailTemplates {
  const templates = new Map<string, Map<Language, MailTemplate>>();
  for (const [id, { txt, html }] of parts) {
    const [kind = "", language = ""] = id.split(" ");
    if (txt === undefined || html === undefined) {
      const [there, lacks] = html === undefined ? ["txt", "html"] : ["html", "txt"];
      problems.push({ code: "templateHalf", parameters: { kind, tag: tagOf(language), there, lacks } });
      continue;
    }
    const ofKind = templates.get(kind) ?? new Map<Language, MailTemplate>();
    templates.set(kind, ofKind.set(language, { text: txt, html }));
  }
  return templates;
}

function filesOf(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
      .filter((name) => !/^\.|\.md$/.test(name))
      .sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

type Wrong = { readonly code: SettingProblemCode; readonly parameters: Readonly<Record<string, string>> };

function readTemplate(path: string): string | Wrong {
  try {
    const bytes = readFileSync(path);
    if (bytes.length > largestTemplate) throw new Error(`> ${largestTemplate} B`);
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return { code: "templateUnreadable", parameters: { reason: code ?? message.slice(0, 200) } };
  }
}

function problemOf(kind: TemplateKind, part: "txt" | "html", template: string): Wrong | null {
  const known: readonly string[] = templateValues[kind];
  const names = placesIn(template);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    const shown = known.map((name) => `{${name}}`).join(", ");
    return { code: "templateUnknownPlace", parameters: { name: `{${unknown}}`, known: shown } };
  }
  if (known.includes("code") && !names.includes("code")) {
    return { code: "templateMissingPlace", parameters: { name: "{code}" } };
  }
  const astray = part === "html" ? astrayIn(template) : undefined;
  return astray === undefined ? null : { code: "templateAstray", parameters: { name: `{${astray}}` } };
}

/**
 * The first value that stands where escaping doesn't keep it text: in a tag, unless it is one of our addresses in a quoted
 * attribute, in a comment, or in an element whose content is no text.
 */
function astrayIn(html: string): string | undefined {
  const rest = html.replace(
    /(\s(?:href|src)\s*=\s*)(["'])([^"'<>]*)\2/gi,
    (_, before: string, quote: string, value: string) =>
      [before, quote, value.replace(/^\{\w+Url\}/, ""), quote].join(""),
  );
  const closed =
    /<!--[\s\S]*?(?:-->|$)|<(script|style|iframe|noscript|xmp|template|svg|math)\b[\s\S]*?(?:<\/\1\s*>|$)|<[a-z/!?{](?:"[^"]*(?:"|$)|'[^']*(?:'|$)|[^>"'])*(?:>|$)/gi;
  for (const [markUp] of rest.matchAll(closed)) {
    const [name] = placesIn(markUp);
    if (name !== undefined) return name;
  }
  return undefined;
}
