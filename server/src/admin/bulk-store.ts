import type { Db } from "../engines/database/database.ts";

/** The tables `bulk_runs` and `bulk_run_accounts`. Times in epoch milliseconds. */
export const bulkActions = ["disable", "enable", "end_tokens", "add_to_group", "remove_from_group"] as const;
export type BulkAction = (typeof bulkActions)[number];

export interface BulkRun {
  readonly id: string;
  readonly actor_id: number | null;
  /** Who asked for it, as audit/lasting-name.ts keeps it. */
  readonly actor: string;
  readonly action: BulkAction;
  readonly reason: string;
  readonly group_id: number | null;
  /** Accounts at the start; some may be erased since. */
  readonly total: number;
  readonly started_at: number;
  readonly finished_at: number | null;
}

interface BulkRunAccount {
  readonly run_id: string;
  readonly user_id: number;
  readonly outcome: string | null;
}

declare module "../engines/database/tables.ts" {
  interface Tables {
    bulk_runs: { -readonly [Name in keyof BulkRun]: BulkRun[Name] };
    bulk_run_accounts: { -readonly [Name in keyof BulkRunAccount]: BulkRunAccount[Name] };
  }
}

/** Rows of one insert: SQLite takes so many values. */
const rowsAtOnce = 500;

export async function insertRun(transaction: Db, run: BulkRun, userIds: readonly number[]): Promise<void> {
  await transaction.kysely.insertInto("bulk_runs").values(run).execute();
  for (let at = 0; at < userIds.length; at += rowsAtOnce) {
    const rows = userIds
      .slice(at, at + rowsAtOnce)
      .map((user_id) => ({ run_id: run.id, user_id, outcome: null }));
    await transaction.kysely.insertInto("bulk_run_accounts").values(rows).execute();
  }
}

export async function findRun(db: Db, id: string): Promise<BulkRun | null> {
  const row = await db.kysely.selectFrom("bulk_runs").selectAll().where("id", "=", id).executeTakeFirst();
  return row ?? null;
}

/** The latest first. */
export function latestRuns(db: Db, limit: number): Promise<BulkRun[]> {
  const query = db.kysely.selectFrom("bulk_runs").selectAll();
  return query.orderBy("started_at", "desc").orderBy("id").limit(limit).execute();
}

export async function waitingAccounts(db: Db, runId: string, limit: number): Promise<number[]> {
  const rows = await db.kysely
    .selectFrom("bulk_run_accounts")
    .select("user_id")
    .where("run_id", "=", runId)
    .where("outcome", "is", null)
    .orderBy("user_id")
    .limit(limit)
    .execute();
  return rows.map(({ user_id }) => user_id);
}

/** Says what became of it; false where somebody has said so already. */
export async function settleAccount(db: Db, { run_id, user_id, outcome }: BulkRunAccount): Promise<boolean> {
  const written = await db.kysely
    .updateTable("bulk_run_accounts")
    .set({ outcome })
    .where("run_id", "=", run_id)
    .where("user_id", "=", user_id)
    .where("outcome", "is", null)
    .executeTakeFirst();
  return written.numUpdatedRows === 1n;
}

/** How many accounts came to what; `waiting` for those still to be seen to. */
export async function outcomesOf(db: Db, runId: string): Promise<Readonly<Record<string, number>>> {
  const rows = await db.kysely
    .selectFrom("bulk_run_accounts")
    .select(["outcome", (eb) => eb.fn.countAll<number>().as("count")])
    .where("run_id", "=", runId)
    .groupBy("outcome")
    .execute();
  return Object.fromEntries(rows.map(({ outcome, count }) => [outcome ?? "waiting", Number(count)]));
}

/** False where it was finished before. */
export async function finishRun(transaction: Db, id: string, now: number): Promise<boolean> {
  const written = await transaction.kysely
    .updateTable("bulk_runs")
    .set({ finished_at: now })
    .where("id", "=", id)
    .where("finished_at", "is", null)
    .executeTakeFirst();
  return written.numUpdatedRows === 1n;
}

/** Removes up to `limit` that were started before; returns how many. */
export async function purgeRuns(db: Db, before: number, limit: number): Promise<number> {
  const old = db.kysely.selectFrom("bulk_runs").select("id").where("started_at", "<", before).limit(limit);
  const gone = await db.kysely.deleteFrom("bulk_runs").where("id", "in", old).executeTakeFirst();
  return Number(gone.numDeletedRows);
}
