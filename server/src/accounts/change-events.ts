import type { Audit, AuditEvent } from "../audit/audit.ts";
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

/** What an owner said of themselves: the entry of the audit log from which the event follows. */
export type OwnWord = Pick<AuditEvent, "before" | "after"> & { readonly action: "user.consent" | "user.age" };

/**
 * A change of what belongs to an account and lies beside its row: `change` writes it under the account's lock, and returns what is to
 * be in the audit log, null where there was nothing to write. The entry is what others are told from (events/). Error:
 * `token_unknown_user` where there is no such account any more.
 */
export async function tellLocked(
  { db, audit }: { readonly db: Db; readonly audit: Pick<Audit, "record"> },
  userId: number,
  change: (transaction: Db) => Promise<OwnWord | null>,
): Promise<void> {
  await db.transaction(async (transaction) => {
    const user = await lockUser(transaction, userId);
    if (user === null) throw new AppError("token_unknown_user");
    const word = await change(transaction);
    if (word === null) return;
    const actor = { id: userId, name: user.username, requestId: null };
    const target = { targetKind: "user", targetId: userId, target: user.username } as const;
    await audit.record(transaction, actor, { ...word, ...target });
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
