import { sql } from "kysely";
import { type Db, statement } from "../engines/database/database.ts";
import type { Clock } from "../kernel/clock.ts";
import { auditLineOf } from "./audit-line.ts";
import { lockMark, peekMark, setMark } from "./audit-marks.ts";
import { entriesAfter } from "./entry-export.ts";

const pageSize = 100;
const name = "stdout" as const;

const begin = statement("audit_marks.begin", (db, values: { name: typeof name }) =>
  db
    .insertInto("audit_marks")
    .columns(["name", "entry_id"])
    .expression((from) =>
      from
        .selectFrom("audit_entries")
        .select((row) => [
          row.val(values.name).as("name"),
          row.fn.coalesce(row.fn.max("id"), row.lit(0)).as("entry_id"),
        ])
        // Without a condition SQLite takes "on conflict" for one of a join.
        .where(sql<boolean>`true`),
    )
    .onConflict((conflict) => conflict.column("name").doNothing())
    .returning("entry_id"),
);

/**
 * AUDIT_LOG: each entry as a line on standard output, for whatever collects it. Promise: at least once, from the day it was
 * switched on: how far it came is written after the lines, under a lock that one process has at a time; after a crash between the
 * two some come twice, and `event.id` says so (guard: audit-export.test.ts).
 */
export function createAuditLog({
  db,
  clock,
  write,
}: {
  readonly db: Db;
  readonly clock: Clock;
  readonly write: (line: string) => void;
}) {
  return {
    /** From now on. Where it was on before, from where it stopped. */
    begin: async (): Promise<void> => void (await db.first(begin, { name })),

    /** Writes all that is new. */
    async writeAll(): Promise<void> {
      const mark = await peekMark(db, name);
      if (mark === null || !(await hasNewer(mark))) return;
      while ((await writeSome()) === pageSize);
    },
  };

  /** Up to a hundred; returns how many, fewer at the end. */
  function writeSome(): Promise<number> {
    return db.transaction(async (transaction) => {
      const mark = await lockMark(transaction, name);
      if (mark === null) return 0;
      const page = { after: mark, limit: pageSize, now: clock.now() };
      const entries = await entriesAfter(transaction, page);
      for (const entry of entries) write(JSON.stringify(auditLineOf(entry)));
      const last = entries.at(-1);
      if (last !== undefined) await setMark(transaction, name, last.id);
      return entries.length;
    });
  }

  /** Asked without a lock: for the most part there is nothing. */
  async function hasNewer(after: number): Promise<boolean> {
    return (await entriesAfter(db, { after, limit: 1, now: clock.now() })).length > 0;
  }
}
