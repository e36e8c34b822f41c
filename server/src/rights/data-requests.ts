import { sql } from "kysely";
import type { Db } from "../engines/database/database.ts";
import type { Clock } from "../kernel/clock.ts";

/**
 * What people have asked for and when it is due, for staff who answer for the terms: accounts that wait to be erased, with who has
 * them wait and why; exports; numbers that are about to leave. Pages by (time, key), each along one index, so that none costs more
 * for being far down (guard: list-plans.test.ts).
 */
export interface RequestPage<Row> {
  readonly rows: readonly Row[];
  readonly next: Cursor | null;
}

/** Behind this one, in the list's own order. */
export interface Cursor {
  readonly at: number;
  readonly key: string;
}

interface Whose {
  readonly user_id: number;
  readonly username: string;
}

export interface PendingDeletion extends Whose {
  readonly due_at: number;
  readonly holds: readonly {
    readonly service: string;
    readonly reason: string;
    readonly held_until: number;
  }[];
}

export interface OpenExport extends Whose {
  readonly id: string;
  readonly asked_at: number;
  readonly ready_at: number | null;
  readonly expires_at: number;
}

export interface OpenLeave extends Whose {
  readonly id: string;
  readonly asked_at: number;
  readonly due_at: number;
  readonly told_at: number | null;
}

interface Asked {
  readonly limit: number;
  readonly after?: Cursor | undefined;
}

/** Before every row: with it the first page goes along the index as all others do. */
const first: Cursor = { at: 0, key: "" };

export type DataRequests = ReturnType<typeof createDataRequests>;

export function createDataRequests({ db, clock }: { readonly db: Db; readonly clock: Clock }) {
  return {
    /** The next to be erased first. */
    async deletions({ limit, after = first }: Asked): Promise<RequestPage<PendingDeletion>> {
      // Of a list of another kind it is no number: then it is before every id.
      const afterId = Number.parseInt(after.key, 10) || 0;
      const rows = await db.kysely
        .selectFrom("users")
        .select(["id as user_id", "username", "deletion_due_at"])
        .where("deletion_due_at", "is not", null)
        .where(sql<boolean>`(deletion_due_at, id) > (${after.at}, ${afterId})`)
        .orderBy("deletion_due_at")
        .orderBy("id")
        .limit(limit + 1)
        .execute();
      const page = rows.slice(0, limit).map((row) => ({ ...row, due_at: row.deletion_due_at! }));
      const ids = page.map(({ user_id }) => user_id);
      const holds =
        ids.length === 0
          ? []
          : await db.kysely
              .selectFrom("deletion_holds")
              .select(["user_id", "service", "reason", "held_until"])
              .where("user_id", "in", ids)
              .where("held_until", ">", clock.now())
              .orderBy("held_until")
              .execute();
      const found = page.map(({ user_id, username, due_at }) => ({
        ...{ user_id, username, due_at },
        holds: holds.filter((hold) => hold.user_id === user_id),
      }));
      return pageOf(found, rows.length > limit, (row) => ({ at: row.due_at, key: String(row.user_id) }));
    },

    /** Those that can be fetched or are being made; the first to expire first. */
    async exports({ limit, after = first }: Asked): Promise<RequestPage<OpenExport>> {
      const rows = await db.kysely
        .selectFrom("data_exports")
        .innerJoin("users", "users.id", "data_exports.user_id")
        .select(["data_exports.id", "user_id", "username", "asked_at", "ready_at", "expires_at"])
        .where("expires_at", ">", clock.now())
        .where(sql<boolean>`(expires_at, data_exports.id) > (${after.at}, ${after.key})`)
        .orderBy("expires_at")
        .orderBy("data_exports.id")
        .limit(limit + 1)
        .execute();
      return pageOf(rows.slice(0, limit), rows.length > limit, (row) => ({
        at: row.expires_at,
        key: row.id,
      }));
    },

    /** The next to leave first. */
    async leaves({ limit, after = first }: Asked): Promise<RequestPage<OpenLeave>> {
      const rows = await db.kysely
        .selectFrom("number_leaves")
        .innerJoin("users", "users.id", "number_leaves.user_id")
        .select(["number_leaves.id", "user_id", "username", "asked_at", "due_at", "told_at"])
        .where("ended_at", "is", null)
        .where(sql<boolean>`(due_at, number_leaves.id) > (${after.at}, ${after.key})`)
        .orderBy("due_at")
        .orderBy("number_leaves.id")
        .limit(limit + 1)
        .execute();
      return pageOf(rows.slice(0, limit), rows.length > limit, (row) => ({ at: row.due_at, key: row.id }));
    },
  };
}

function pageOf<Row>(
  rows: readonly Row[],
  isMore: boolean,
  cursorOf: (row: Row) => Cursor,
): RequestPage<Row> {
  const last = rows.at(-1);
  return { rows, next: isMore && last !== undefined ? cursorOf(last) : null };
}
