import type { Db } from "../database/database.ts";
import { mailboxIdOf } from "./mailbox-mailer.ts";

const pageSize = 500;

/**
 * Removes what is kept of the mails and SMS about an account, and of those that it asked for while it was logged in: also to an address
 * that was never its own. With the messages themselves where they lie in the development mailbox.
 */
export async function forgetMailsOf({ kysely }: Db, userId: number): Promise<void> {
  // One by one: either has its index.
  for (const column of ["user_id", "asked_by"] as const) {
    for (;;) {
      const found = await kysely
        .selectFrom("mails")
        .select(["id", "mail_id"])
        .where(column, "=", userId)
        .limit(pageSize)
        .execute();
      if (found.length === 0) break;
      const messages = found.map(({ mail_id }) => mailboxIdOf(mail_id));
      await kysely.deleteFrom("mailbox_messages").where("message_id", "in", messages).execute();
      const ids = found.map(({ id }) => id);
      await kysely.deleteFrom("mails").where("id", "in", ids).execute();
      if (found.length < pageSize) break;
    }
  }
}
