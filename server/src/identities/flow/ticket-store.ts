import { type Db, statement } from "../../engines/database/database.ts";

const use = statement("used_codes.useTicket", (db, values: { codeId: string; expiresAt: number }) =>
  db
    .insertInto("used_codes")
    .values({ code_id: values.codeId, expires_at: values.expiresAt })
    .onConflict((conflict) => conflict.doNothing())
    .returning("code_id"),
);

/** False when it was used already. `ticketId` is a SHA-256 in base64url, so it never meets a code's id. */
export async function markTicketUsed(transaction: Db, ticketId: string, expiresAt: number): Promise<boolean> {
  return (await transaction.first(use, { codeId: `ticket:${ticketId}`, expiresAt })) !== null;
}
