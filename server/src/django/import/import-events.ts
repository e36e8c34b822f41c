import type { Db } from "../../engines/database/database.ts";
import type { Events } from "../../events/events.ts";
import type { PlannedUpdate } from "./import-changes.ts";
import type { PagePlan } from "./import-page.ts";

/**
 * What other programs are told of an import, in the transactions that write it. Promise: each account that is new, gained something or
 * was changed is in exactly one event of the transaction it was written in, however often the import is killed and run again
 * (guard: import-events.test.ts).
 */
export type ImportEvents = Pick<Events, "record">;

/** In one event: what a receiver reads within the time it has to answer. */
const idsPerEvent = 100;

/** The accounts of the page that are new: a million of them are not told of one by one. */
export async function tellImported(events: ImportEvents, transaction: Db, plan: PagePlan): Promise<void> {
  const ids = plan.accounts.map(({ id }) => id);
  for (let from = 0; from < ids.length; from += idsPerEvent) {
    const data = { user_ids: ids.slice(from, from + idsPerEvent) };
    await events.record(transaction, { type: "accounts.imported", userId: null, data });
  }
}

/**
 * Accounts that were here already and that the page adds a binding, a group, a permission or a name to. Before any of it is written: the
 * accounts' rows are locked first, in the order of their ids, as everywhere.
 */
export async function tellGained(events: ImportEvents, transaction: Db, plan: PagePlan): Promise<void> {
  const isNew = new Set(plan.accounts.map(({ id }) => id));
  const { user_groups, user_permissions } = plan.memberships;
  const gaining = [...user_groups, ...user_permissions, ...plan.bindings, ...plan.names];
  const ids = new Set(gaining.map(({ user_id }) => user_id).filter((id) => !isNew.has(id)));
  for (const userId of [...ids].toSorted((one, other) => one - other)) {
    await events.record(transaction, { type: "user.updated", userId });
  }
}

interface Standing {
  readonly wasActive: number;
  readonly isActive: number;
  /** Whether its user name, address or number is another one. */
  readonly isRenamed: boolean;
}

/** One account that is changed as the source has it. */
export async function tellUpdated(
  events: ImportEvents,
  transaction: Db,
  userId: number,
  { changes, wasActive, isActive, isRenamed }: Pick<PlannedUpdate, "changes"> & Standing,
): Promise<void> {
  if (changes.includes("password")) await events.record(transaction, { type: "password.changed", userId });
  if (wasActive !== isActive) {
    const type = isActive === 1 ? "user.enabled" : "user.disabled";
    await events.record(transaction, { type, userId });
  }
  await events.record(transaction, { type: "user.updated", userId });
  if (isRenamed) await events.record(transaction, { type: "user.login_names_changed", userId });
}
