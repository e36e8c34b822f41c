import type { Static } from "typebox";
import type { User } from "../accounts/record.ts";
import { toldAddress } from "../accounts/told-address.ts";
import type { Users } from "../accounts/users.ts";
import type { Db } from "../engines/database/database.ts";
import { attemptsWithin } from "../engines/jobs/job-definitions.ts";
import { defineJob, type JobDefinition } from "../engines/jobs/jobs.ts";
import type { Mailer } from "../engines/mail/mail.ts";
import type { RenderMail } from "../engines/mail/templates/render-mail.ts";
import { readableEmail } from "../kernel/email-address.ts";
import Type from "../kernel/schema/schema.ts";

/**
 * Mails about exports and deletions, written as outbox rows with what they tell. Promise: one about an export goes to an address
 * that its owner confirmed, or nowhere: whoever reads another's mailbox need not learn that there is something to fetch.
 */
const Payload = Type.Object({
  userId: Type.Integer(),
  kind: Type.Enum(["data_export_asked", "data_export_ready", "deletion_asked", "deletion_cancelled"]),
  /** `unknown` where it was not the owner who asked. */
  language: Type.String(),
  /** Where it goes when not to the account's present address: one that was just replaced. */
  to: Type.Optional(Type.String()),
  /** The reader gets no link "this wasn't me": an address that came within days may be a thief's (accounts/address-notices.ts). */
  noUndo: Type.Optional(Type.Boolean()),
  /** Epoch milliseconds: when it happened, and of a deletion or an export when it is over. */
  at: Type.Integer(),
  until: Type.Integer(),
});

export const rightsNoticeJob = defineJob("rights-notice", Payload, ({ kind, to, userId }) => ({
  kind,
  to,
  userId,
}));

type RightsNotice = Static<typeof Payload>;

const backoff = { backoffSeconds: 10, backoffLimitSeconds: 3600 };
const noticeSeconds = 2 * 24 * 3600;

export interface RightsNoticeDeps {
  readonly db: Db;
  readonly users: Users;
  /** See told-address.ts. */
  readonly hasPendingEmails: boolean;
  readonly mailer: Mailer;
  readonly renderMail: RenderMail;
  readonly siteUrl: string;
  /** What the link "this wasn't me" brings with it: made here, because a job may not hold it. */
  readonly disownToken: (what: { userId: number; sessionId: string; at: number }) => string;
}

export function rightsNotice(deps: RightsNoticeDeps): JobDefinition<typeof Payload> {
  return {
    ...rightsNoticeJob,
    attempts: attemptsWithin(noticeSeconds, backoff),
    ...backoff,
    async handler({ userId, kind, language, to, noUndo = false, at, until }, run) {
      const user = await deps.users.byId(userId);
      const address = to ?? (user === null ? null : await addressOf(deps, user, kind));
      if (user === null || address === null) return;
      const code = noUndo ? "" : deps.disownToken({ userId: user.id, sessionId: "", at });
      const values = {
        ...{ siteUrl: deps.siteUrl, username: readableEmail(user.username), at },
        ...{ dueAt: until, expiresAt: until, disownToken: code },
      };
      const mail = deps.renderMail(kind, language, values);
      await deps.mailer.send({ ...mail, kind, code, to: address, messageId: run.id }, run.signal);
    },
  };
}

async function addressOf(
  { db, hasPendingEmails }: RightsNoticeDeps,
  user: User,
  kind: RightsNotice["kind"],
): Promise<string | null> {
  if (kind.startsWith("data_export") && user.email_verified === 0) return null;
  return toldAddress(db, user, hasPendingEmails);
}
