import type { Clock } from "../../kernel/clock.ts";
import type { Db } from "../database/database.ts";
import { mailIdOf } from "../mail/mail.ts";
import { keepInMailbox, mailboxIdOf } from "../mail/mailbox-mailer.ts";
import type { SmsSender } from "./sms.ts";

/** SMS in the development mailbox, beside the mails: where no vendor is configured, and never in production. */
export function createMailboxSms(deps: { readonly db: Db; readonly clock: Clock }): SmsSender {
  return {
    async send({ to, text, messageId }) {
      await keepInMailbox(deps, {
        ...{ messageId: mailboxIdOf(mailIdOf(messageId)), to, text },
        ...{ subject: "", html: "", channel: "sms" },
      });
      return { words: "stored in the development mailbox" };
    },
    async close() {},
  };
}
