import { mobile } from "../../accounts/mobile.ts";
import { recordTrial } from "../../admin/trial-entry.ts";
import { type SmsTrial, smsTemplates, triedTemplates } from "../../codes/sms-trial.ts";
import { PermanentFailure } from "../../engines/jobs/jobs.ts";
import { SmsFailure } from "../../engines/sms/sms.ts";
import { randomToken } from "../../kernel/ids.ts";
import { type Language, tagOf } from "../../words/language.ts";
import { type Command, defineCommand, show } from "../command/command.ts";
import { CommandFailure, type Terminal } from "../terminal/terminal.ts";
import { checkedField } from "./checked-field.ts";
import { checkMailList, listMails, mailListOptions } from "./mails-list.ts";
import { languageAmong, languageOption } from "./offered-language.ts";

/** SMS: what became of them; what each says; and one to see whether it arrives. Its code opens nothing. */
export const sms: Command = defineCommand({
  name: "sms",
  group: "look",
  needs: "app",
  json: true,
  zh: "短信：三十天内的结果，每种的内容，发送一条测试（验证码为 000000）",
  en: "SMS: what became of those of thirty days, what each says, one with the code 000000 to try",
  verbs: {
    list: { zh: "新的在前", en: "the newest first" },
    template: {
      words: { zh: "[<短信>]", en: "[<sms>]" },
      zh: "显示一种短信，内容为示例；不写则显示全部",
      en: "what one says, with values of nobody; without a word all of them",
    },
    test: {
      words: { zh: "<手机号>", en: "<number>" },
      zh: "立即发送到此号码，照常计费；没有 SMS_URL 时进入开发邮箱",
      en: "to this number, at once, and paid for as any other; without SMS_URL it is in the development mailbox",
    },
  },
  options: {
    ...mailListOptions,
    template: {
      type: "string",
      of: "test",
      value: { zh: "<短信>", en: "<sms>" },
      choices: triedTemplates,
      default: "register",
      zh: "哪种短信",
      en: "which SMS",
    },
    language: { ...languageOption, of: ["test", "template"] },
  },
  check({ verb, values }) {
    if (verb === "list") checkMailList(values);
  },
  async run(context, { verb, words: [word], values, json }) {
    if (verb === "list") return listMails(context, "sms", values, json);
    const { app, config, terminal } = context;
    const to = verb === "test" ? checkedField(mobile, word ?? "") : "";
    const language = languageAmong(config.words.languages, values.language ?? terminal.language);
    const { smsTrial } = app;
    if (smsTrial === null)
      throw new CommandFailure(
        "本站不发短信：没有设置 SMS_URL（docs/sms.zh.md）。",
        "This site sends no SMS: there is no SMS_URL (docs/sms.md).",
      );
    if (verb === "template") return showTemplates(terminal, smsTrial, { name: word, language }, json);
    const template = triedTemplates.find((one) => one === values.template) ?? "register";
    await recordTrial(app, context.actor, { action: "system.sms-test", template, to });
    try {
      await smsTrial.send({ template, language, to, messageId: `test-${randomToken(12)}` });
    } catch (error) {
      if (!(error instanceof SmsFailure || error instanceof PermanentFailure)) throw error;
      const reason = error.message;
      throw new CommandFailure(
        `短信未能发出：${reason}。请运行 manage doctor 检查短信设置。`,
        `The SMS could not be sent: ${reason}. Run manage doctor, which looks at the settings of SMS.`,
      );
    }
    const text = smsTrial.text(template, language);
    const said = {
      zh: `已发送 ${template}（${tagOf(language)}）：`,
      en: `Sent ${template} (${tagOf(language)}): `,
    };
    show(terminal, json, { template, language: tagOf(language), text }, said[terminal.language] + text);
    return 0;
  },
});

/** Error: CommandFailure for an SMS that is none. */
function showTemplates(
  terminal: Terminal,
  trial: SmsTrial,
  { name, language }: { readonly name: string | undefined; readonly language: Language },
  asJson: boolean,
): number {
  const chosen = smsTemplates.filter((one) => name === undefined || one === name);
  if (chosen.length === 0) {
    const known = smsTemplates.join(", ");
    throw new CommandFailure(`没有短信“${name}”，有：${known}。`, `There is no SMS "${name}", but ${known}.`);
  }
  const templates = chosen.map((template) => ({
    ...{ template, language: tagOf(language), text: trial.text(template, language) },
  }));
  const lines = templates.map(({ template, text }) => `${template}\n  ${text}`);
  show(terminal, asJson, { templates }, lines.join("\n"));
  return 0;
}
