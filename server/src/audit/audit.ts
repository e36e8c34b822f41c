import { type Db, statement } from "../engines/database/database.ts";
import type { Clock } from "../kernel/clock.ts";
import { entriesAfter } from "./entry-export.ts";
import { type AuditFilter, type AuditPage, listEntries } from "./entry-list.ts";
import { withoutErased } from "./named-accounts.ts";
import { listRuns } from "./run-list.ts";
import { withoutTyped } from "./without-typed.ts";

/**
 * Who changed what, for administrators to read. Promise: an entry is written in the transaction of the change
 * it records, so there is neither a change without its entry nor an entry without its change. Never holds a
 * password, hash, code or token: `secretFields` are written as "(changed)" whatever the caller passes
 * (guard: audit.test.ts), nor what staff typed that no erasure would find (without-typed.ts). Entries are never altered.
 */
export interface Actor {
  /** Null for the command line and for services. */
  readonly id: number | null;
  readonly name: string;
  readonly requestId: string | null;
  /** The account in whose place they did it (sessions/impersonations.ts); absent where it was in their own. */
  readonly onBehalfOf?: number;
}

export interface AuditEvent {
  /** `<kind>.<verb>`, such as `user.change`. */
  readonly action: string;
  readonly targetKind: "user" | "group" | "permission" | "invitation" | "service" | "webhook" | "system";
  readonly targetId: number;
  /** Its name at that time. */
  readonly target: string;
  readonly before: Readonly<Record<string, unknown>>;
  readonly after: Readonly<Record<string, unknown>>;
}

export interface AuditEntry extends AuditEvent {
  readonly id: number;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly actor: Actor;
}

export interface Audit {
  /** Writes the entry through the caller's transaction. An event that changes nothing writes none. Of who is gone it has the id alone. */
  record(transaction: Db, actor: Actor, event: AuditEvent): Promise<void>;
  /** Newest first: see entry-list.ts. */
  list(filter: AuditFilter): Promise<AuditPage>;
  /** Imports and exports of many accounts, newest first: see run-list.ts. */
  runs(filter: Pick<AuditFilter, "limit" | "beforeId">): Promise<AuditPage>;
  /** The oldest first, from behind this number on: see entry-export.ts. */
  after(after: number, limit: number): Promise<readonly AuditEntry[]>;
}

const secretFields = /password|hash|secret|token|code$|_key$/i;

const insert = statement(
  "audit.insert",
  (
    db,
    values: {
      at: number;
      actorId: number | null;
      actor: string;
      action: string;
      targetKind: string;
      targetId: number;
      target: string;
      before: string;
      after: string;
      requestId: string | null;
      onBehalfOf: number | null;
    },
  ) =>
    db
      .insertInto("audit_entries")
      .values({
        at: values.at,
        actor_id: values.actorId,
        actor: values.actor,
        action: values.action,
        target_kind: values.targetKind,
        target_id: values.targetId,
        target: values.target,
        before: values.before,
        after: values.after,
        request_id: values.requestId,
        on_behalf_of: values.onBehalfOf,
      })
      .returning("id"),
);

export interface AuditDeps {
  readonly db: Db;
  readonly clock: Clock;
  /** What follows from an entry, within its transaction. */
  readonly onEntry?: (
    transaction: Db,
    actor: Actor,
    entry: AuditEvent & { readonly id: number },
  ) => Promise<void>;
}

export function createAudit({ db, clock, onEntry }: AuditDeps): Audit {
  async function write(transaction: Db, actor: Actor, event: AuditEvent): Promise<void> {
    const made = await transaction.first(insert, {
      at: clock.now(),
      actorId: actor.id,
      actor: actor.name.slice(0, 150),
      action: event.action,
      targetKind: event.targetKind,
      targetId: event.targetId,
      target: event.target.slice(0, 255),
      before: JSON.stringify(event.before),
      after: JSON.stringify(event.after),
      requestId: actor.requestId,
      onBehalfOf: actor.onBehalfOf ?? null,
    });
    if (made !== null) await onEntry?.(transaction, actor, { ...event, id: Number(made.id) });
  }

  return {
    async record(db, actor, event) {
      const about = { action: event.action, target_kind: event.targetKind, target: event.target };
      const changes = changed(event.before, event.after);
      const [before, after] = [withoutTyped(about, changes.before), withoutTyped(about, changes.after)];
      if (Object.keys(before).length === 0 && Object.keys(after).length === 0) return;
      await db.transaction(async (transaction) => {
        await write(transaction, ...(await withoutErased(transaction, [actor, { ...event, before, after }])));
      });
    },

    list: (filter) => listEntries(db, filter),
    runs: (filter) => listRuns(db, filter),
    after: (after, limit) => entriesAfter(db, { after, limit, now: clock.now() }),
  };
}

/** Keeps the fields that differ, with secrets replaced. */
function changed(before: AuditEvent["before"], after: AuditEvent["after"]) {
  const kept = { before: {} as Record<string, unknown>, after: {} as Record<string, unknown> };
  for (const field of new Set([...Object.keys(before), ...Object.keys(after)])) {
    if (JSON.stringify(before[field]) === JSON.stringify(after[field])) continue;
    const hidden = secretFields.test(field);
    if (field in before) kept.before[field] = hidden ? "(changed)" : before[field];
    if (field in after) kept.after[field] = hidden ? "(changed)" : after[field];
  }
  return kept;
}
