import { type SelectQueryBuilder, sql } from "kysely";
import type { Db } from "../engines/database/database.ts";
import { endOfWalk } from "../engines/database/list-walk.ts";
import type { AuditEntriesTable, Tables } from "../engines/database/tables.ts";
import type { AuditEntry, AuditEvent } from "./audit.ts";

/**
 * Pages of entries, newest first: none costs more for being far down the list, or for how many entries there are.
 * Accident: on SQLite a query holds everybody up, and a combination that no entry fits read all of them (guards:
 * audit.test.ts, which counts what a page looks at, and list-plans.test.ts).
 */
export interface AuditFilter {
  readonly limit: number;
  /** Older than this entry. */
  readonly beforeId?: number | undefined;
  readonly targetKind?: string | undefined;
  readonly targetId?: number | undefined;
  readonly actorId?: number | undefined;
  /** One action, such as `user.change`, or the kind before the full stop. */
  readonly action?: string | undefined;
  /** Epoch milliseconds: at this time or later. */
  readonly since?: number | undefined;
}

/**
 * `next` is what the next page is older than; null at the end. A page may have fewer than `limit` entries, or none, and
 * still have a next one: it looked at as many entries as one page may.
 */
export interface AuditPage {
  readonly entries: readonly AuditEntry[];
  readonly next: number | null;
}

type Entries = SelectQueryBuilder<Tables, "audit_entries", object>;

/** Each has an index that ends in the id. The first that is asked for is walked along, of the others each entry is asked. */
const indexed = { target_id: "targetId", actor_id: "actorId", target_kind: "targetKind" } as const;

export async function listEntries(db: Db, filter: AuditFilter): Promise<AuditPage> {
  const { limit, action, since, beforeId } = filter;
  const asked = (Object.keys(indexed) as (keyof typeof indexed)[]).filter(
    (column) => filter[indexed[column]] !== undefined,
  );
  const [walked, ...others] = asked;
  let along = db.kysely.selectFrom("audit_entries") as Entries;
  if (beforeId !== undefined) along = along.where("id", "<", beforeId);
  if (walked !== undefined) along = along.where(walked, "=", filter[indexed[walked]]!);

  const isWalk = others.length > 0 || action !== undefined || since !== undefined;
  const end = isWalk ? await endOfWalk(along.select("id").orderBy("id", "desc")) : null;
  let query = isWalk ? along.where("id", ">=", end ?? 0) : along;
  for (const column of others) {
    // Behind a plus SQLite doesn't walk along it.
    const plus = db.engine === "sqlite" ? sql`+` : sql``;
    query = query.where(sql<boolean>`${plus}${sql.ref(column)} = ${filter[indexed[column]]}`);
  }
  if (since !== undefined) query = query.where("at", ">=", since);
  if (action !== undefined) {
    const kind = sql<boolean>`action like ${`${action.replaceAll(/[%_!]/g, "!$&")}.%`} escape '!'`;
    query = query.where((row) => row.or([row("action", "=", action), kind]));
  }
  const rows = await query
    .selectAll()
    .orderBy("id", "desc")
    .limit(limit + 1)
    .execute();
  const entries = rows.slice(0, limit).map(entryOf);
  return { entries, next: rows.length > limit ? entries.at(-1)!.id : end };
}

/** Of a row. */
export function entryOf(row: Omit<AuditEntriesTable, "id"> & { readonly id: number }): AuditEntry {
  return {
    id: row.id,
    at: row.at,
    actor: {
      ...{ id: row.actor_id, name: row.actor, requestId: row.request_id },
      ...(row.on_behalf_of === null ? {} : { onBehalfOf: row.on_behalf_of }),
    },
    action: row.action,
    targetKind: row.target_kind as AuditEvent["targetKind"],
    targetId: row.target_id,
    target: row.target,
    before: JSON.parse(row.before) as Record<string, unknown>,
    after: JSON.parse(row.after) as Record<string, unknown>,
  };
}
