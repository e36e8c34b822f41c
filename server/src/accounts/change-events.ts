import type { Db } from "../engines/database/database.ts";
import { AppError } from "../errors/errors.ts";
import type { Events } from "../events/events.ts";
import type { Clock } from "../kernel/clock.ts";
import { writeTokensEnded } from "./change.ts";
import type { User } from "./record.ts";
import { lockUser } from "./user-store.ts";

export type ChangeEvents = Pick<Events, "record">;

/** What other programs are told of a change that its owner made (events/), in its transaction. */
export async function tellChange(
  events: ChangeEvents,
  transaction: Db,
  before: User,
  after: User,
): Promise<void> {
  const names = ["username", "email", "mobile", "proved_mobile"] as const;
  const isNamed = names.some((name) => before[name] !== after[name]);
  const type = isNamed ? "user.login_names_changed" : "user.updated";
  await events.record(transaction, { type, userId: after.id });
}

/**
 * A change of what belongs to an account and lies beside its row: `change` writes it under the account's lock, and says whether there
 * was anything to write, which is told then. Error: `token_unknown_user` where there is no such account any more.
 */
export async function tellLocked(
  { db, events }: { readonly db: Db; readonly events: ChangeEvents },
  userId: number,
  change: (transaction: Db) => Promise<boolean>,
): Promise<void> {
  await db.transaction(async (transaction) => {
    if ((await lockUser(transaction, userId)) === null) throw new AppError("token_unknown_user");
    if (await change(transaction)) await events.record(transaction, { type: "user.updated", userId });
  });
}

/** Ends every token of the account. Returns its new credentials version. */
export async function endOwnTokens(
  { db, clock, events }: { readonly db: Db; readonly clock: Clock; readonly events: ChangeEvents },
  id: number,
): Promise<{ id: number; credentials_version: number }> {
  return db.transaction(async (transaction) => {
    await events.record(transaction, { type: "session.revoked", userId: id });
    return { id, credentials_version: await writeTokensEnded(transaction, id, clock.now()) };
  });
}
