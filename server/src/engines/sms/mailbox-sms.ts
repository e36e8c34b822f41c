import type { Clock } from "../../kernel/clock.ts";
import type { Db } from "../database/database.ts";
import { messageIdOf } from "../mail/mail.ts";
import { keepInMailbox } from "../mail/mailbox-mailer.ts";
import type { SmsSender } from "./sms.ts";

/** SMS in the development mailbox, beside the mails: where no vendor is configured, and never in production. */
export function createMailboxSms(deps: { readonly db: Db; readonly clock: Clock }): SmsSender {
  return {
    async send({ to, text, messageId }) {
      await keepInMailbox(deps, {
        ...{ messageId: messageIdOf(messageId, "mailbox.invalid"), to, text },
        ...{ subject: "", html: "", channel: "sms" },
      });
      return { words: "stored in the development mailbox" };
    },
    async close() {},
  };
}
