import type { Db } from "../engines/database/database.ts";
import { attemptsWithin } from "../engines/jobs/job-definitions.ts";
import { defineJob, type JobDefinition } from "../engines/jobs/jobs.ts";
import type { Mailer } from "../engines/mail/mail.ts";
import type { RenderMail } from "../engines/mail/templates/render-mail.ts";
import type { Clock } from "../kernel/clock.ts";
import Type from "../kernel/schema/schema.ts";
import { isLiving } from "./invitation.ts";
import { findInvitation } from "./invitation-store.ts";
import { type InvitationTokens, invitationLink } from "./invitation-token.ts";

const Payload = Type.Object({
  id: Type.Integer(),
  /** What the link is derived from. */
  nonce: Type.String(),
  email: Type.String(),
  /** Epoch milliseconds. */
  expiresAt: Type.Integer(),
});

/** Mails an invitation; written as an outbox row with the invitation itself. */
export const invitationMailJob = defineJob("invitation-mail", Payload, ({ email }) => ({
  kind: "invitation",
  to: email,
}));

const backoff = { backoffSeconds: 10, backoffLimitSeconds: 3600 };
/** A mail server that is away for longer gets the invitation made anew. */
const mailSeconds = 2 * 24 * 3600;

export interface InvitationMailDeps {
  readonly db: Db;
  readonly clock: Clock;
  readonly mailer: Mailer;
  readonly renderMail: RenderMail;
  readonly siteUrl: string;
  readonly tokens: InvitationTokens;
}

export function invitationMail(deps: InvitationMailDeps): JobDefinition<typeof Payload> {
  return {
    ...invitationMailJob,
    attempts: attemptsWithin(mailSeconds, backoff),
    ...backoff,
    async handler({ nonce, email, expiresAt }, run) {
      const made = await madeOf(nonce);
      // Revoked meanwhile: it says nothing to anybody any more.
      if (made === null || !isLiving(made.row, deps.clock.now())) return;
      const { token } = made;
      const link = invitationLink(deps.siteUrl, token);
      // Nobody knows the reader's language yet.
      const mail = deps.renderMail("invitation", "unknown", { siteUrl: deps.siteUrl, link, expiresAt });
      const sent = { ...mail, kind: "invitation", code: token, to: email, messageId: run.id };
      await deps.mailer.send(sent, run.signal);
    },
  };

  /** The invitation and its link, under the SECRET_KEY that it was made under. */
  async function madeOf(nonce: string) {
    for (const token of deps.tokens.tokensOf(nonce)) {
      const row = await findInvitation(deps.db, deps.tokens.macsOf(token));
      if (row !== null) return { token, row };
    }
    return null;
  }
}
