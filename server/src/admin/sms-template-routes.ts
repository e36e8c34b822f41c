import { mobile } from "../accounts/mobile.ts";
import type { Audit } from "../audit/audit.ts";
import { type SmsTrial, smsTemplates, triedTemplates } from "../codes/sms-trial.ts";
import type { Db } from "../engines/database/database.ts";
import { PermanentFailure } from "../engines/jobs/jobs.ts";
import { SmsFailure } from "../engines/sms/sms.ts";
import { AppError } from "../errors/errors.ts";
import type { Api } from "../http/server.ts";
import { randomToken } from "../kernel/ids.ts";
import Type from "../kernel/schema/schema.ts";
import { tagOf } from "../words/language.ts";
import type { Words } from "../words/words.ts";
import { languageAmong } from "./mail-template-routes.ts";
import { administratorOf, needsPerson } from "./staff.ts";
import { recordTrial } from "./trial-entry.ts";

/** SMS as people get them, beside the mails of mail-template-routes.ts; the files and the vendor's own templates stay the source. */
export interface SmsTemplateDeps {
  readonly db: Db;
  readonly audit: Audit;
  readonly words: Pick<Words, "languages">;
  /** Null where the site sends no SMS. */
  readonly smsTrial: SmsTrial | null;
}

const tags = ["administration"];

export function smsTemplateRoutes(api: Api, { db, audit, words, smsTrial }: SmsTemplateDeps): void {
  const languageOf = languageAmong(words.languages);

  api.route({
    method: "GET",
    url: "/admin/sms/templates/",
    config: needsPerson("mail.view_template"),
    schema: {
      summary: "What each SMS says in each language, with values of nobody; empty where the site sends none",
      tags,
      response: {
        200: Type.Object({
          templates: Type.Array(
            Type.Object({ template: Type.String(), language: Type.String(), text: Type.String() }),
          ),
        }),
      },
    },
    async handler() {
      if (smsTrial === null) return { templates: [] };
      return {
        templates: smsTemplates.flatMap((template) =>
          words.languages.map((language) => ({
            ...{ template, language: tagOf(language), text: smsTrial.text(template, language) },
          })),
        ),
      };
    },
  });

  api.route({
    method: "POST",
    url: "/admin/sms/test/",
    config: { ...needsPerson("mail.test_mail"), dear: true },
    schema: {
      summary: "Send an SMS with the code 000000, to see whether it arrives; it is paid for as any other",
      tags,
      body: Type.Object({
        template: Type.Enum([...triedTemplates]),
        language: Type.String({ maxLength: 35, description: "such as `zh-Hans`" }),
        to: Type.String({ ...mobile.operator }),
      }),
      response: { 200: Type.Object({ message: Type.String() }) },
    },
    async handler(request) {
      if (smsTrial === null) throw new AppError("not_found");
      const { template, to } = request.body;
      const language = languageOf(request.body.language);
      const actor = administratorOf(request);
      await recordTrial({ db, audit }, actor, { action: "system.sms-test", template, to });
      try {
        await smsTrial.send({ template, language, to, messageId: `test-${randomToken(12)}` });
      } catch (error) {
        if (!(error instanceof SmsFailure || error instanceof PermanentFailure)) throw error;
        throw new AppError("sms_test_failed", { parameters: { reason: error.message } });
      }
      return { message: "OK" };
    },
  });
}
