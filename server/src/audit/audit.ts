import { type Db, statement } from "../engines/database/database.ts";
import type { Clock } from "../kernel/clock.ts";

/**
 * Who changed what, for administrators to read. Promise: an entry is written in the transaction of the change
 * it records, so there is neither a change without its entry nor an entry without its change. Never holds a
 * password, hash, code or token: `secretFields` are written as "(changed)" whatever the caller passes
 * (guard: audit.test.ts). Entries are never altered.
 */
export interface Actor {
  /** Null for the command line. */
  readonly id: number | null;
  readonly name: string;
  readonly requestId: string | null;
}

export interface AuditEvent {
  /** `<kind>.<verb>`, such as `user.change`. */
  readonly action: string;
  readonly targetKind: "user" | "group" | "permission" | "system";
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
  /** Writes the entry through the caller's transaction. An event that changes nothing writes none. */
  record(transaction: Db, actor: Actor, event: AuditEvent): Promise<void>;
  /** Newest first, at most `limit`, older than the entry `beforeId`. */
  list(filter: {
    readonly limit: number;
    readonly beforeId?: number;
    readonly targetKind?: string;
    readonly targetId?: number;
    readonly actorId?: number;
  }): Promise<AuditEntry[]>;
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
      })
      .returning("id"),
);

export function createAudit({ db, clock }: { db: Db; clock: Clock }): Audit {
  return {
    async record(transaction, actor, event) {
      const { before, after } = changed(event.before, event.after);
      if (Object.keys(before).length === 0 && Object.keys(after).length === 0) return;
      await transaction.first(insert, {
        at: clock.now(),
        actorId: actor.id,
        actor: actor.name.slice(0, 150),
        action: event.action,
        targetKind: event.targetKind,
        targetId: event.targetId,
        target: event.target.slice(0, 255),
        before: JSON.stringify(before),
        after: JSON.stringify(after),
        requestId: actor.requestId,
      });
    },

    async list({ limit, beforeId, targetKind, targetId, actorId }) {
      let query = db.kysely.selectFrom("audit_entries").selectAll().orderBy("id", "desc").limit(limit);
      if (beforeId !== undefined) query = query.where("id", "<", beforeId);
      if (targetKind !== undefined) query = query.where("target_kind", "=", targetKind);
      if (targetId !== undefined) query = query.where("target_id", "=", targetId);
      if (actorId !== undefined) query = query.where("actor_id", "=", actorId);
      return (await query.execute()).map((row) => ({
        id: row.id,
        at: row.at,
        actor: { id: row.actor_id, name: row.actor, requestId: row.request_id },
        action: row.action,
        targetKind: row.target_kind as AuditEvent["targetKind"],
        targetId: row.target_id,
        target: row.target,
        before: JSON.parse(row.before) as Record<string, unknown>,
        after: JSON.parse(row.after) as Record<string, unknown>,
      }));
    },
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
