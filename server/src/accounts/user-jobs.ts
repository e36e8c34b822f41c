import type { Static } from "typebox";
import type { Db } from "../engines/database/database.ts";
import { attemptsWithin } from "../engines/jobs/job-definitions.ts";
import { defineJob, type JobDefinition } from "../engines/jobs/jobs.ts";
import type { Mailer } from "../engines/mail/mail.ts";
import type { RenderMail } from "../engines/mail/templates/render-mail.ts";
import { readableEmail } from "../kernel/email-address.ts";
import Type from "../kernel/schema/schema.ts";
import { toldAddress } from "./told-address.ts";
import { findUserById } from "./user-store.ts";

const Payload = Type.Object({
  userId: Type.Integer(),
  kind: Type.Enum([
    "password_changed",
    "email_changed",
    "email_added",
    "username_changed",
    "mobile_lost",
    "number_leave_asked",
    "number_leave_cancelled",
    "number_left",
    "number_added",
    "number_changed",
    "number_removed",
    "account_joined",
    "binding_added",
    "binding_removed",
    "session_replayed",
    "new_device",
    "second_factor_added",
    "second_factor_removed",
    "recovery_code_used",
    "recovery_codes_low",
    "recovery_codes_renewed",
    "second_factor_stopped",
    "lost_factor_asked",
    "lost_factor_cancelled",
    "passkey_added",
    "passkey_removed",
    "authenticator_changed",
    "impersonation_begun",
  ]),
  /** `unknown` where it was not the owner who asked: then the mail says it in both. */
  language: Type.String(),
  /** Where it goes when not to the account's present address: the address that was just replaced, or added. */
  to: Type.Optional(Type.String()),
  /** The reader gets no link "this wasn't me": an address that came within days may be a thief's (address-notices.ts). */
  noUndo: Type.Optional(Type.Boolean()),
  /** When it happened, epoch milliseconds. */
  at: Type.Integer(),
  /** Of a binding: the third party as people call it, and the nickname there; of a joined account that one's user name. */
  provider: Type.Optional(Type.String()),
  nickname: Type.Optional(Type.String()),
  /** Of a session: browser and system, and the client's network. */
  device: Type.Optional(Type.String()),
  network: Type.Optional(Type.String()),
  /** The session's id. */
  session: Type.Optional(Type.String()),
  /** By what somebody got as far as the second factor. */
  firstStep: Type.Optional(Type.Enum(["password", "provider", "code"])),
  /** Of a lost second factor whose removal was asked for: the request, and from when until when it can be finished. */
  request: Type.Optional(Type.String()),
  ripeAt: Type.Optional(Type.Integer()),
  lapsesAt: Type.Optional(Type.Integer()),
  /** Of a lost number: from when on it goes; of staff who act in the owner's place: until when at the latest. */
  dueAt: Type.Optional(Type.Integer()),
  cancelledBy: Type.Optional(Type.Enum(["link", "log_in", "session", "known_device"])),
});

export type SecurityNotice = Static<typeof Payload>;

/** Tells an account's owner by mail what changed; written as an outbox row with the change itself. */
export const securityNoticeJob = defineJob("security-notice", Payload, ({ kind, to, userId }) => ({
  kind,
  to,
  userId,
}));

const backoff = { backoffSeconds: 10, backoffLimitSeconds: 3600 };
/** A provider that shuts a sender out does so until its day is over; what the owner must know outlasts that. */
const noticeSeconds = 2 * 24 * 3600;

export interface SecurityNoticeDeps {
  readonly db: Db;
  readonly mailer: Mailer;
  readonly renderMail: RenderMail;
  readonly siteUrl: string;
  /** See told-address.ts. */
  readonly hasPendingEmails: boolean;
  /** What the link "this wasn't me" brings with it: made here, because a job may not hold it. */
  readonly disownToken: (logIn: { userId: number; sessionId: string; at: number }) => string;
  /** The same of the link that cancels the removal of a lost second factor. */
  readonly lostFactorToken: (request: string) => string;
}

export function securityNotice({
  db,
  mailer,
  renderMail,
  siteUrl,
  hasPendingEmails,
  disownToken,
  lostFactorToken,
}: SecurityNoticeDeps): JobDefinition<typeof Payload> {
  return {
    ...securityNoticeJob,
    attempts: attemptsWithin(noticeSeconds, backoff),
    ...backoff,
    async handler(payload, run) {
      const user = await findUserById(db, payload.userId);
      if (user === null) return;
      const to = payload.to ?? (await toldAddress(db, user, hasPendingEmails));
      if (to === null) return;
      const { request, session = "", at } = payload;
      const cancelToken = request === undefined ? "" : lostFactorToken(request);
      const undo = payload.noUndo ? "" : disownToken({ userId: user.id, sessionId: session, at });
      const mail = renderMail(payload.kind, payload.language, {
        username: readableEmail(user.username),
        siteUrl,
        at: payload.at,
        provider: payload.provider ?? "",
        nickname: payload.nickname,
        device: payload.device ?? "",
        network: payload.network ?? "",
        firstStep: payload.firstStep ?? "password",
        cancelToken,
        ripeAt: payload.ripeAt ?? 0,
        lapsesAt: payload.lapsesAt ?? 0,
        dueAt: payload.dueAt ?? 0,
        cancelledBy: payload.cancelledBy ?? "link",
        disownToken: undo,
      });
      const code = request === undefined ? undo : cancelToken;
      const sent = { ...mail, kind: payload.kind, code, to, messageId: run.id };
      await mailer.send(sent, run.signal);
    },
  };
}
