import { email } from "../../accounts/email.ts";
import { recordTrial } from "../../admin/trial-entry.ts";
import { PermanentFailure } from "../../engines/jobs/jobs.ts";
import { MailFailure } from "../../engines/mail/mail.ts";
import { sampleValues } from "../../engines/mail/templates/sample-values.ts";
import { randomToken } from "../../kernel/ids.ts";
import { type Language, tagOf } from "../../words/language.ts";
import { mailKinds } from "../../words/mail-templates.ts";
import { type Command, defineCommand, show } from "../command/command.ts";
import type { AppContext } from "../command/contexts.ts";
import { CommandFailure } from "../terminal/terminal.ts";
import { checkedField } from "./checked-field.ts";
import { checkMailList, listMails, mailListOptions } from "./mails-list.ts";
import { languageAmong, languageOption } from "./offered-language.ts";

/** Mails: what became of them; and one as people get it, to look at or to send. Its code opens nothing, and nobody's account is in it. */
export const mail: Command = defineCommand({
  name: "mail",
  group: "look",
  needs: "app",
  json: true,
  zh: "邮件：三十天内的结果，每种的样子，发送一封测试",
  en: "mails: what became of those of thirty days, how each looks, one to try whether it arrives",
  verbs: {
    list: { zh: "新的在前", en: "the newest first" },
    template: {
      words: { zh: "[<邮件>]", en: "[<mail>]" },
      zh: "显示一种邮件，内容为示例；不写则列出各种邮件",
      en: "one as people get it, with values of nobody; without a word which there are",
    },
    test: {
      words: { zh: "<邮箱>", en: "<address>" },
      zh: "立即发送到此邮箱；没有 SMTP_URL 时进入开发邮箱",
      en: "to this address, at once; without SMTP_URL it is in the development mailbox",
    },
  },
  options: {
    ...mailListOptions,
    template: {
      type: "string",
      of: "test",
      value: { zh: "<邮件>", en: "<mail>" },
      choices: mailKinds,
      default: "register",
      zh: "哪种邮件",
      en: "which mail",
    },
    language: { ...languageOption, of: ["test", "template"] },
  },
  check({ verb, values }) {
    if (verb === "list") checkMailList(values);
  },
  async run(context, { verb, words: [word], values, json }) {
    if (verb === "list") return listMails(context, "mail", values, json);
    const { config, terminal } = context;
    const language = languageAmong(config.words.languages, values.language ?? terminal.language);
    if (verb === "template") return showTemplate(context, word, language, json);
    const to = checkedField(email, word ?? "");
    const kind = mailKinds.find((one) => one === values.template) ?? "register";
    return sendTest(context, { to, kind, language }, json);
  },
});

type Kind = (typeof mailKinds)[number];

const rendered = ({ app, config, clock }: AppContext, kind: Kind, language: Language) =>
  app.renderMail(kind, language, sampleValues(config.publicSiteUrl, clock.now())[kind]);

/** Error: CommandFailure for a mail that is none. */
function showTemplate(
  context: AppContext,
  name: string | undefined,
  language: Language,
  asJson: boolean,
): number {
  const { terminal, config } = context;
  if (name === undefined) {
    const languages = config.words.languages.map(tagOf);
    show(terminal, asJson, { templates: mailKinds, languages }, mailKinds.join("\n"));
    return 0;
  }
  const template = mailKinds.find((one) => one === name);
  if (template === undefined) {
    const known = mailKinds.join(", ");
    throw new CommandFailure(
      `没有邮件“${name}”，有：${known}。`,
      `There is no mail "${name}", but ${known}.`,
    );
  }
  const { subject, text, html } = rendered(context, template, language);
  const value = { template, language: tagOf(language), subject, text, html };
  show(terminal, asJson, value, `${subject}\n\n${text}`);
  return 0;
}

/** As from the console, with its entry in the audit log before it goes. Error: CommandFailure that says why it did not. */
async function sendTest(
  context: AppContext,
  { to, kind, language }: { readonly to: string; readonly kind: Kind; readonly language: Language },
  asJson: boolean,
): Promise<number> {
  const message = rendered(context, kind, language);
  const { app, actor } = context;
  await recordTrial(app, actor, { action: "system.mail-test", template: kind, to });
  try {
    await app.mailer.send({ ...message, to, messageId: `test-${randomToken(12)}` });
  } catch (error) {
    if (!(error instanceof MailFailure || error instanceof PermanentFailure)) throw error;
    const reason = error.message;
    throw new CommandFailure(
      `邮件未能发出：${reason}。请运行 manage doctor 检查邮件设置。`,
      `The mail could not be sent: ${reason}. Run manage doctor, which looks at the settings of mail.`,
    );
  }
  const { subject } = message;
  const { terminal } = context;
  const text = {
    zh: `已发送 ${kind}（${tagOf(language)}）：${subject}`,
    en: `Sent ${kind} (${tagOf(language)}): ${subject}`,
  };
  show(terminal, asJson, { template: kind, language: tagOf(language), subject }, text[terminal.language]);
  return 0;
}
