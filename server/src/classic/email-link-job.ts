import { attemptsWithin } from "../engines/jobs/job-definitions.ts";
import { defineJob, type JobDefinition } from "../engines/jobs/jobs.ts";
import type { Mailer } from "../engines/mail/mail.ts";
import type { RenderMail } from "../engines/mail/templates/render-mail.ts";
import { addressBelow } from "../kernel/public-address.ts";
import Type from "../kernel/schema/schema.ts";
import type { EmailLinks } from "./email-link.ts";

const Payload = Type.Object({
  userId: Type.Integer(),
  email: Type.String(),
  credentialsVersion: Type.Integer(),
  /** Epoch milliseconds. */
  expiresAt: Type.Integer(),
  language: Type.String(),
});

/** The classic pages' own page, which hands its query on to GET /emails/verification/. */
const page = "/success_verify_email.html";

/** Mails the link that confirms an address; the link is made here, as no job may hold it. */
export const emailLinkJob = defineJob("email-link", Payload, ({ email, userId }) => ({
  ...{ kind: "confirm_email", to: email, userId },
}));

const backoff = { backoffSeconds: 10, backoffLimitSeconds: 600 };
const mailSeconds = 3600;

export interface EmailLinkJobDeps {
  readonly mailer: Mailer;
  readonly renderMail: RenderMail;
  readonly siteUrl: string;
  readonly links: EmailLinks;
}

export function emailLinkMail({
  mailer,
  renderMail,
  siteUrl,
  links,
}: EmailLinkJobDeps): JobDefinition<typeof Payload> {
  return {
    ...emailLinkJob,
    attempts: attemptsWithin(mailSeconds, backoff),
    ...backoff,
    async handler({ language, ...pending }, run) {
      const token = links.issue(pending);
      const link = `${addressBelow(siteUrl, page)}?token=${token}`;
      const mail = renderMail("confirm_email", language, { siteUrl, link, expiresAt: pending.expiresAt });
      const sent = { ...mail, kind: "confirm_email", code: token, to: pending.email, messageId: run.id };
      // Of an address that is not the account's yet: an erasure that comes meanwhile finds the record by who asked.
      await mailer.send({ ...sent, askedBy: pending.userId }, run.signal);
    },
  };
}
