import type { Users } from "../accounts/users.ts";
import { attemptsWithin } from "../engines/jobs/job-definitions.ts";
import { defineJob, type JobDefinition } from "../engines/jobs/jobs.ts";
import type { Mailer } from "../engines/mail/mail.ts";
import type { RenderMail } from "../engines/mail/templates/render-mail.ts";
import { readableEmail } from "../kernel/email-address.ts";
import { addressBelow } from "../kernel/public-address.ts";
import Type from "../kernel/schema/schema.ts";

const Payload = Type.Object({ userId: Type.Integer() });

/**
 * Tells somebody that staff made an account for them, and where to set its password: by a code that the page sends to the
 * address, so that the mail itself opens nothing, however late it is read or by whom. An outbox row of the new account.
 */
export const accountMadeJob = defineJob("account-made", Payload, ({ userId }) => ({
  kind: "account_made",
  userId,
}));

const backoff = { backoffSeconds: 10, backoffLimitSeconds: 3600 };
const mailSeconds = 2 * 24 * 3600;

export interface AccountMadeDeps {
  readonly users: Users;
  readonly mailer: Mailer;
  readonly renderMail: RenderMail;
  readonly siteUrl: string;
}

export function accountMade({
  users,
  mailer,
  renderMail,
  siteUrl,
}: AccountMadeDeps): JobDefinition<typeof Payload> {
  return {
    ...accountMadeJob,
    attempts: attemptsWithin(mailSeconds, backoff),
    ...backoff,
    async handler({ userId }, run) {
      const user = await users.byId(userId);
      if (user === null || user.email === null) return;
      const address = encodeURIComponent(readableEmail(user.email));
      const link = addressBelow(siteUrl, `/forgot-password#email=${address}`);
      const values = { siteUrl, link, username: readableEmail(user.username) };
      // The language of whoever made it says nothing about its owner's.
      const mail = renderMail("account_made", "unknown", values);
      const sent = { ...mail, kind: "account_made", to: user.email, messageId: run.id };
      await mailer.send(sent, run.signal);
    },
  };
}
