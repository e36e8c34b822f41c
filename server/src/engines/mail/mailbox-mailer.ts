import type { Clock } from "../../kernel/clock.ts";
import { nameKey } from "../../kernel/name-key.ts";
import { type Db, statement } from "../database/database.ts";
import { checkMail, type Mailer, messageIdOf } from "./mail.ts";

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
  { messageId: string; to: string; toKey: string; subject: string; text: string; html: string; now: number },
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

export function createMailboxMailer({ db, clock, capacity = 1000 }: MailboxMailerOptions): Mailer {
  return {
    async send(message) {
      checkMail(message);
      const stored = await db.first(insertMessage, {
        messageId: messageIdOf(message.messageId, "mailbox.invalid"),
        to: message.to,
        toKey: nameKey(message.to),
        subject: message.subject,
        text: message.text,
        html: message.html,
        now: clock.now(),
      });
      if (stored && stored.id % 50 === 0) await db.all(deleteBeyond, { capacity });
    },
    async verify() {
      await db.kysely.selectFrom("mailbox_messages").select("id").limit(1).execute();
    },
    async close() {},
  };
}
