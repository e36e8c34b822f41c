import { mobile } from "../../accounts/mobile.ts";
import { triedTemplates } from "../../codes/sms-trial.ts";
import { PermanentFailure } from "../../engines/jobs/jobs.ts";
import { SmsFailure } from "../../engines/sms/sms.ts";
import { randomToken } from "../../kernel/ids.ts";
import { tagOf } from "../../words/language.ts";
import { type Command, defineCommand, show } from "../command/command.ts";
import { CommandFailure } from "../terminal/terminal.ts";
import { checkedField } from "./checked-field.ts";
import { languageAmong, languageOption } from "./offered-language.ts";

/** An SMS as people get it, to see whether it arrives. Its code opens nothing. */
export const sms: Command = defineCommand({
  name: "sms",
  group: "look",
  needs: "app",
  json: true,
  zh: "发送一条测试短信，验证码为 000000",
  en: "sends an SMS with the code 000000, to see whether it arrives",
  verbs: {
    test: {
      words: { zh: "<手机号>", en: "<number>" },
      zh: "立即发送到此号码，照常计费；没有 SMS_URL 时进入开发邮箱",
      en: "to this number, at once, and paid for as any other; without SMS_URL it is in the development mailbox",
    },
  },
  options: {
    template: {
      type: "string",
      value: { zh: "<短信>", en: "<sms>" },
      choices: triedTemplates,
      default: "register",
      zh: "哪种短信",
      en: "which SMS",
    },
    language: languageOption,
  },
  async run({ app, config, terminal }, { words: [typed = ""], values, json }) {
    const to = checkedField(mobile, typed);
    const language = languageAmong(config.words.languages, values.language ?? terminal.language);
    const template = triedTemplates.find((one) => one === values.template) ?? "register";
    if (app.smsTrial === null)
      throw new CommandFailure(
        "本站不发短信：没有设置 SMS_URL（docs/sms.zh.md）。",
        "This site sends no SMS: there is no SMS_URL (docs/sms.md).",
      );
    try {
      await app.smsTrial.send({ template, language, to, messageId: `test-${randomToken(12)}` });
    } catch (error) {
      if (!(error instanceof SmsFailure || error instanceof PermanentFailure)) throw error;
      const reason = error.message;
      throw new CommandFailure(
        `短信未能发出：${reason}。请运行 manage doctor 检查短信设置。`,
        `The SMS could not be sent: ${reason}. Run manage doctor, which looks at the settings of SMS.`,
      );
    }
    const text = app.smsTrial.text(template, language);
    const said = {
      zh: `已发送 ${template}（${tagOf(language)}）：`,
      en: `Sent ${template} (${tagOf(language)}): `,
    };
    show(terminal, json, { template, language: tagOf(language), text }, said[terminal.language] + text);
    return 0;
  },
});
