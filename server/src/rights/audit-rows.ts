import type { Db } from "../engines/database/database.ts";
import { createPauses } from "../kernel/next-turn.ts";
import { mostRows, type Person, type Row, rowsAtOnce } from "./personal-table.ts";

/**
 * What the audit log says about an account: what it did, and what others did to it. Promise: of others it tells no more than
 * that they were staff, and of what the person did to others no value of theirs. The newest `mostRows + 1`, the oldest of them first.
 */
export async function auditRows(db: Db, { id }: Person): Promise<readonly Row[]> {
  const entries = db.kysely.selectFrom("audit_entries").selectAll().orderBy("id", "desc").limit(rowsAtOnce);
  const theirs = entries.where("actor_id", "=", id);
  const aboutThem = entries.where("target_id", "=", id).where("target_kind", "=", "user");
  const found = new Map<number, Awaited<ReturnType<typeof entries.execute>>[number]>();
  for (const query of [theirs, aboutThem]) {
    for await (const page of newestFirst(query)) for (const row of page) found.set(row.id, row);
  }
  const rows = [...found.values()].toSorted((one, other) => one.id - other.id).slice(-(mostRows + 1));
  return rows.map((row) => {
    const isOwn = row.target_kind === "user" && row.target_id === id;
    return {
      ...row,
      actor: row.actor_id === id ? row.actor : "staff",
      ...(isOwn ? {} : { target: "", before: "{}", after: "{}" }),
    };
  });
}

interface Entries<One> {
  where(column: "id", is: "<", id: number): Entries<One>;
  execute(): Promise<One[]>;
}

/** Pages along an index, each behind the last: both ways in one query would sort all of them for every page. */
async function* newestFirst<One extends { readonly id: number }>(query: Entries<One>): AsyncGenerator<One[]> {
  const pause = createPauses();
  let page = await query.execute();
  for (let read = page.length; page.length > 0; read += page.length) {
    yield page;
    if (page.length < rowsAtOnce || read > mostRows) return;
    await pause();
    page = await query.where("id", "<", page.at(-1)!.id).execute();
  }
}
