import type { Db } from "../engines/database/database.ts";
import { attemptsWithin } from "../engines/jobs/job-definitions.ts";
import { defineJob, type JobDefinition } from "../engines/jobs/jobs.ts";
import type { Mailer } from "../engines/mail/mail.ts";
import { renderMail } from "../engines/mail/templates/render-mail.ts";
import { readableEmail } from "../kernel/email-address.ts";
import Type from "../kernel/schema/schema.ts";
import { findUserByEmail, findUserById } from "./user-store.ts";

const Payload = Type.Object({
  userId: Type.Integer(),
  kind: Type.Enum(["password_changed", "email_changed", "binding_added", "binding_removed"]),
  /** `unknown` where it was not the owner who asked: then the mail says it in both. */
  language: Type.Enum(["zh", "en", "unknown"]),
  /** Where it goes when not to the account's present address: the address that was just replaced. */
  to: Type.Optional(Type.String()),
  /** When it happened, epoch milliseconds. */
  at: Type.Integer(),
  /** Of a binding: the third party as people call it, and the nickname there. */
  provider: Type.Optional(Type.String()),
  nickname: Type.Optional(Type.String()),
});

/** Tells an account's owner by mail what changed; written as an outbox row with the change itself. */
export const securityNoticeJob = defineJob("security-notice", Payload);

const backoff = { backoffSeconds: 10, backoffLimitSeconds: 3600 };
/** A provider that shuts a sender out does so until its day is over; what the owner must know outlasts that. */
const noticeSeconds = 2 * 24 * 3600;

export interface SecurityNoticeDeps {
  readonly db: Db;
  readonly mailer: Mailer;
  readonly siteUrl: string;
}

export function securityNotice({ db, mailer, siteUrl }: SecurityNoticeDeps): JobDefinition<typeof Payload> {
  return {
    ...securityNoticeJob,
    attempts: attemptsWithin(noticeSeconds, backoff),
    ...backoff,
    async handler(payload, run) {
      const user = await findUserById(db, payload.userId);
      const to = payload.to ?? user?.email;
      // An account without an address, or gone by now, has nobody to tell.
      if (!user || !to) return;
      // Several imported accounts had this address, and another one has proved it since: it is not this owner's.
      const holder = payload.to === undefined ? await findUserByEmail(db, to) : null;
      if (holder !== null && holder.id !== user.id) return;
      const mail = renderMail(payload.kind, payload.language, {
        username: readableEmail(user.username),
        siteUrl,
        at: payload.at,
        provider: payload.provider ?? "",
        nickname: payload.nickname,
      });
      await mailer.send({ ...mail, to, messageId: run.id }, run.signal);
    },
  };
}
