import { email } from "../../accounts/email.ts";
import { PermanentFailure } from "../../engines/jobs/jobs.ts";
import { MailFailure } from "../../engines/mail/mail.ts";
import { sampleValues } from "../../engines/mail/templates/sample-values.ts";
import { randomToken } from "../../kernel/ids.ts";
import { tagOf } from "../../words/language.ts";
import { mailKinds } from "../../words/mail-templates.ts";
import { type Command, defineCommand, show } from "../command/command.ts";
import { CommandFailure } from "../terminal/terminal.ts";
import { checkedField } from "./checked-field.ts";
import { languageAmong, languageOption } from "./offered-language.ts";

/** A mail as people get it, to look at before they do. Its code opens nothing, and nobody's account is in it. */
export const mail: Command = defineCommand({
  name: "mail",
  group: "look",
  needs: "app",
  json: true,
  zh: "发送一封测试邮件，内容为示例",
  en: "sends a mail to try how it looks and whether it arrives",
  verbs: {
    test: {
      words: { zh: "<邮箱>", en: "<address>" },
      zh: "立即发送到此邮箱；没有 SMTP_URL 时进入开发邮箱",
      en: "to this address, at once; without SMTP_URL it is in the development mailbox",
    },
  },
  options: {
    template: {
      type: "string",
      value: { zh: "<邮件>", en: "<mail>" },
      choices: mailKinds,
      default: "register",
      zh: "哪种邮件",
      en: "which mail",
    },
    language: languageOption,
  },
  async run({ app, config, clock, terminal }, { words: [typed = ""], values, json }) {
    const to = checkedField(email, typed);
    const language = languageAmong(config.words.languages, values.language ?? terminal.language);
    const kind = mailKinds.find((one) => one === values.template) ?? "register";
    const rendered = app.renderMail(kind, language, sampleValues(config.publicSiteUrl, clock.now())[kind]);
    try {
      await app.mailer.send({ ...rendered, to, messageId: `test-${randomToken(12)}` });
    } catch (error) {
      if (!(error instanceof MailFailure || error instanceof PermanentFailure)) throw error;
      const reason = error.message;
      throw new CommandFailure(
        `邮件未能发出：${reason}。请运行 manage doctor 检查邮件设置。`,
        `The mail could not be sent: ${reason}. Run manage doctor, which looks at the settings of mail.`,
      );
    }
    const { subject } = rendered;
    const text = {
      zh: `已发送 ${kind}（${tagOf(language)}）：${subject}`,
      en: `Sent ${kind} (${tagOf(language)}): ${subject}`,
    };
    show(terminal, json, { template: kind, language: tagOf(language), subject }, text[terminal.language]);
    return 0;
  },
});
