import type { Users } from "../accounts/users.ts";
import type { MailState } from "../engines/database/tables.ts";
import type { MailPage, RecordedMail } from "../engines/mail/mail-list.ts";
import type { MailRecord } from "../engines/mail/mail-record.ts";
import { AppError } from "../errors/errors.ts";
import { readableEmail } from "../kernel/email-address.ts";
import { maskText } from "../kernel/mask.ts";

export interface MailSearchDeps {
  readonly mails: Pick<MailRecord, "list">;
  readonly users: Pick<Users, "byId" | "byEmail">;
}

export interface WantedMails {
  /** Exactly this address or number. */
  readonly to?: string | undefined;
  /** Of this account: to its address and its number; goes before `to`. */
  readonly user?: number | undefined;
  readonly state?: MailState | undefined;
  /** Older than this row. */
  readonly before?: number | undefined;
  readonly limit: number;
}

/** What became of mails and SMS, for who looks for one: GET /admin/mails/, `manage mail list` and `manage sms list`. */
export function createMailSearch({ mails, users }: MailSearchDeps) {
  /** Error: `not_found`. */
  async function ownerOf({ to, user }: WantedMails) {
    if (user === undefined) {
      return to === undefined ? null : { to: [to], userId: (await users.byEmail(to))?.id };
    }
    const found = await users.byId(user);
    if (found === null) throw new AppError("not_found");
    return { to: [found.email, found.mobile].filter((name) => name !== null), userId: found.id };
  }

  /** A page, newest first. Error: `not_found` for an account that is none. */
  return async (wanted: WantedMails): Promise<MailPage> => {
    const { limit, state, before: beforeId } = wanted;
    const whose = await ownerOf(wanted);
    // An account without an address and a number was sent none.
    if (whose?.to.length === 0) return { mails: [], next: null };
    return mails.list({ limit, to: whose?.to, userId: whose?.userId, state, beforeId });
  };
}

export function mailView(mail: RecordedMail, isMasked: boolean) {
  const to = mail.to_address === null ? null : readableEmail(mail.to_address);
  return {
    id: mail.id,
    message_id: mail.mail_id,
    to: to !== null && isMasked ? maskText(to) : to,
    kind: mail.kind,
    state: mail.state,
    words: mail.words,
    tries: mail.tries,
    queued_at: new Date(mail.created_at).toISOString(),
    changed_at: new Date(mail.updated_at).toISOString(),
    job: mail.job_id,
  };
}
