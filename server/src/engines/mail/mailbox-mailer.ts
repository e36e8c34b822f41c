import type { Clock } from "../../kernel/clock.ts";
import { nameKey } from "../../kernel/name-key.ts";
import { type Db, statement } from "../database/database.ts";
import { checkMail, type Mailer, mailIdOf } from "./mail.ts";

/**
 * The development mailbox: mail is stored in the database instead of sent, so that it survives restarts and
 * every process sees it. Used without SMTP_URL, and never in production. Keeps only the newest messages.
 */
export interface MailboxMailerOptions {
  readonly db: Db;
  readonly clock: Clock;
  /** Messages kept, roughly: trimmed every 50th message. Default 1,000. */
  readonly capacity?: number;
}

const insertMessage = statement<
  MailboxEntry & { readonly toKey: string; readonly now: number },
  { id: number }
>("mailbox.insert", (db, values) =>
  db
    .insertInto("mailbox_messages")
    .values({
      message_id: values.messageId,
      to_address: values.to,
      to_key: values.toKey,
      subject: values.subject,
      text: values.text,
      html: values.html,
      channel: values.channel ?? null,
      created_at: values.now,
    })
    .onConflict((conflict) => conflict.column("message_id").doNothing())
    .returning("id"),
);

const deleteBeyond = statement<{ capacity: number }, { id: number }>("mailbox.deleteBeyond", (db, values) =>
  db
    .deleteFrom("mailbox_messages")
    .where("id", "<=", (query) =>
      query
        .selectFrom("mailbox_messages")
        .select("id")
        .orderBy("id", "desc")
        .limit(1)
        .offset(values.capacity as never),
    )
    .returning("id"),
);

/** What the mailbox keeps of a message. */
interface MailboxEntry {
  readonly messageId: string;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  /** Null for a mail. */
  readonly channel?: "sms" | null;
}

/** The Message-ID that a message has there, by its id in the record of mails. */
export const mailboxIdOf = (mailId: string): string => `<${mailId}@mailbox.invalid>`;

/** Stores the message, once for its id, and now and then trims the mailbox. */
export async function keepInMailbox(
  { db, clock, capacity = 1000 }: MailboxMailerOptions,
  entry: MailboxEntry,
): Promise<void> {
  const stored = await db.first(insertMessage, { ...entry, toKey: nameKey(entry.to), now: clock.now() });
  if (stored && stored.id % 50 === 0) await db.all(deleteBeyond, { capacity });
}

export function createMailboxMailer(options: MailboxMailerOptions): Mailer {
  const { db } = options;
  return {
    async send(message) {
      checkMail(message);
      const { to, subject, text, html } = message;
      const messageId = mailboxIdOf(mailIdOf(message.messageId));
      await keepInMailbox(options, { messageId, to, subject, text, html });
      return { words: "stored in the development mailbox" };
    },
    async verify() {
      await db.kysely.selectFrom("mailbox_messages").select("id").limit(1).execute();
    },
    async close() {},
  };
}
