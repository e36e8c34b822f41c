import Type, { type Static } from "typebox";
import type { Db } from "../database/database.ts";
import type { JobDefinition } from "../jobs/jobs.ts";
import type { Mailer } from "../mail/mail.ts";
import { renderMail } from "../mail/templates/templates.ts";
import { findUserById } from "./user-store.ts";

/** Tells an account's owner by mail what changed; written as an outbox row with the change itself. */
export const securityNoticeJob = "security-notice";

const Payload = Type.Object({
  userId: Type.Integer(),
  kind: Type.Enum(["password_changed", "email_changed", "binding_added", "binding_removed"]),
  language: Type.Enum(["zh", "en"]),
  /** Where it goes when not to the account's present address: the address that was just replaced. */
  to: Type.Optional(Type.String()),
  /** The third party of a binding, as the reader knows it. */
  provider: Type.Optional(Type.String()),
});

export interface SecurityNoticeDeps {
  readonly db: Db;
  readonly mailer: Mailer;
  readonly siteUrl: string;
}

export function securityNotice({ db, mailer, siteUrl }: SecurityNoticeDeps): JobDefinition<Static<typeof Payload>> {
  return {
    name: securityNoticeJob,
    payload: Payload,
    attempts: 10,
    backoffSeconds: 10,
    backoffLimitSeconds: 3600,
    async handler(payload, run) {
      const user = await findUserById(db, payload.userId);
      const to = payload.to ?? user?.email;
      // An account without an address, or gone by now, has nobody to tell.
      if (!user || !to) return;
      const mail = renderMail(payload.kind, payload.language, {
        username: user.username,
        provider: payload.provider ?? "",
        siteUrl,
        email: to,
      });
      await mailer.send({ ...mail, to, messageId: run.id });
    },
  };
}
