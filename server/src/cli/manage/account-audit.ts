import type { User } from "../../accounts/record.ts";
import type { Db } from "../../engines/database/database.ts";
import type { ManageContext } from "../command/contexts.ts";

/** Writes a change of one account into the audit log, in the transaction of the change, under the person at the terminal. */
export async function recordOfAccount(
  { audit, actor }: ManageContext,
  transaction: Db,
  action: string,
  target: User,
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>>,
): Promise<void> {
  const about = { targetKind: "user", targetId: target.id, target: target.username } as const;
  await audit.record(transaction, actor, { action, ...about, before, after });
}
