import { email } from "../accounts/email.ts";
import type { Audit } from "../audit/audit.ts";
import type { Db } from "../engines/database/database.ts";
import { PermanentFailure } from "../engines/jobs/jobs.ts";
import { type KeyValue, key } from "../engines/kv/kv.ts";
import { type Mailer, MailFailure } from "../engines/mail/mail.ts";
import type { RenderMail } from "../engines/mail/templates/render-mail.ts";
import { sampleValues } from "../engines/mail/templates/sample-values.ts";
import { AppError, invalidFields } from "../errors/errors.ts";
import type { Api } from "../http/server.ts";
import type { Clock } from "../kernel/clock.ts";
import { randomToken } from "../kernel/ids.ts";
import Type from "../kernel/schema/schema.ts";
import { offeredLanguage, tagOf } from "../words/language.ts";
import { mailKinds } from "../words/mail-templates.ts";
import type { Words } from "../words/words.ts";
import { administratorOf, needsPerson } from "./staff.ts";
import { recordTrial } from "./trial-entry.ts";

/**
 * Mails as people get them, with values of nobody: to look at, and to send one to try. The files stay the source: nothing is
 * changed here. The page of a mail is looked at in a frame without scripts, at an address that is made for one look of a minute
 * (attack: an operator's own template that runs in the console; guard: mail-templates-admin.test.ts).
 */
export interface MailTemplateDeps {
  readonly db: Db;
  readonly kv: Pick<KeyValue, "set" | "take">;
  readonly clock: Clock;
  readonly audit: Audit;
  readonly words: Pick<Words, "languages">;
  readonly renderMail: RenderMail;
  readonly mailer: Pick<Mailer, "send">;
  readonly siteUrl: string;
}

type Kind = (typeof mailKinds)[number];
const lookSeconds = 60;
const tags = ["administration"];
const Chosen = {
  template: Type.Enum([...mailKinds]),
  language: Type.String({ maxLength: 35, description: "such as `zh-Hans`" }),
};
const keyOf = (ticket: string) => key("once", ticket, "mail-look");

export function mailTemplateRoutes(api: Api, deps: MailTemplateDeps): void {
  const { kv, words } = deps;
  const languageOf = languageAmong(words.languages);

  api.route({
    method: "GET",
    url: "/admin/mails/templates/",
    config: needsPerson("mail.view_template"),
    schema: {
      summary: "The kinds of mails, and the languages that they are written in",
      tags,
      response: {
        200: Type.Object({ templates: Type.Array(Type.String()), languages: Type.Array(Type.String()) }),
      },
    },
    handler: async () => ({ templates: [...mailKinds], languages: words.languages.map(tagOf) }),
  });

  api.route({
    method: "POST",
    url: "/admin/mails/preview/",
    // It changes nothing.
    config: { ...needsPerson("mail.view_template"), stepUp: "none" },
    schema: {
      summary:
        "A mail as people get it, with values of nobody; `page`: where its HTML can be looked at once, within a minute",
      tags,
      body: Type.Object(Chosen),
      response: { 200: Type.Object({ subject: Type.String(), text: Type.String(), page: Type.String() }) },
    },
    async handler(request) {
      const { template, language } = request.body;
      const { subject, text, html } = rendered(deps, template, languageOf(language));
      const ticket = randomToken(16);
      await kv.set(keyOf(ticket), html, lookSeconds);
      return { subject, text, page: `/mails/previews/${ticket}/` };
    },
  });

  api.route({
    method: "GET",
    url: "/mails/previews/:ticket/",
    // A frame has no token; the ticket in the address is what whoever asked for it knows.
    config: { auth: "ignored" },
    schema: {
      summary: "The HTML of a preview, once",
      tags,
      params: Type.Object({ ticket: Type.String({ maxLength: 22 }) }),
    },
    async handler(request, reply) {
      const html = await kv.take(keyOf(request.params.ticket));
      if (html === null) throw new AppError("not_found");
      return reply.header("content-security-policy", framePolicy).type("text/html; charset=utf-8").send(html);
    },
  });

  testRoute(api, deps, languageOf);
}

/** Nothing runs, leads away or is sent. Any page may show it: there is nothing in it to be pressed, and nobody's data. */
const framePolicy =
  "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src https: http: data:; base-uri 'none'; form-action 'none'; frame-ancestors *";

function testRoute(api: Api, deps: MailTemplateDeps, languageOf: (tag: string) => string): void {
  const { mailer } = deps;
  api.route({
    method: "POST",
    url: "/admin/mails/test/",
    config: { ...needsPerson("mail.test_mail"), dear: true },
    schema: {
      summary: "Send a mail with values of nobody, to see whether it arrives",
      tags,
      body: Type.Object({ ...Chosen, to: Type.String({ ...email.operator }) }),
      response: { 200: Type.Object({ subject: Type.String() }) },
    },
    async handler(request) {
      const { template, language, to } = request.body;
      const actor = administratorOf(request);
      const mail = rendered(deps, template, languageOf(language));
      await recordTrial(deps, actor, { action: "system.mail-test", template, to });
      try {
        await mailer.send({ ...mail, to: email.normalize(to), messageId: `test-${randomToken(12)}` });
      } catch (error) {
        if (!(error instanceof MailFailure || error instanceof PermanentFailure)) throw error;
        throw new AppError("mail_test_failed", { parameters: { reason: error.message } });
      }
      return { subject: mail.subject };
    },
  });
}

function rendered({ renderMail, siteUrl, clock }: MailTemplateDeps, kind: Kind, language: string) {
  return renderMail(kind, language, sampleValues(siteUrl, clock.now())[kind]);
}

/** Error: `invalid_fields` for one that is not offered. */
export function languageAmong(offered: readonly string[]) {
  return (tag: string): string => {
    const language = offeredLanguage(offered, tag);
    if (language !== null) return language;
    throw invalidFields({ field: "language", code: "not_a_choice", parameters: { value: tag } });
  };
}
