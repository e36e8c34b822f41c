import { type Db, statement } from "../engines/database/database.ts";
import { nextTurn } from "../kernel/next-turn.ts";

/** The table `number_leaves`: requests to have a number taken away that receives nothing. Times in epoch milliseconds. */
export interface NumberLeave {
  readonly id: string;
  readonly user_id: number;
  readonly credentials_version: number;
  readonly asked_at: number;
  readonly due_at: number;
  /** When the number itself was told, or the vendor said that nobody has it. */
  readonly told_at: number | null;
}

/** `number`: a code to it came back; `change`: the account has other credentials or another number. */
export type LeaveCancelledBy = "owner" | "number" | "change";

interface End {
  readonly id: string;
  /** `refused`: nothing else would open the account, or the number could not be told. */
  readonly ended: "cancelled" | "done" | "refused";
  readonly by: LeaveCancelledBy | null;
  readonly now: number;
}

interface Row extends NumberLeave {
  readonly ended_at: number | null;
  readonly ended: End["ended"] | null;
  readonly cancelled_by: LeaveCancelledBy | null;
}

declare module "../engines/database/tables.ts" {
  interface Tables {
    number_leaves: { -readonly [Name in keyof Row]: Row[Name] };
  }
}

const columns = ["id", "user_id", "credentials_version", "asked_at", "due_at", "told_at"] as const;

const open = statement("number_leaves.open", (db, values: { userId: number }) =>
  db
    .selectFrom("number_leaves")
    .select(columns)
    .where("user_id", "=", values.userId)
    .where("ended_at", "is", null),
);

/** The account's one that has not ended; whether it still counts is the caller's to judge. */
export function findOpenLeave(db: Db, userId: number): Promise<NumberLeave | null> {
  return db.first(open, { userId });
}

const insert = statement("number_leaves.insert", (db, values: NumberLeave) =>
  db
    .insertInto("number_leaves")
    .values({
      ...{ id: values.id, user_id: values.user_id, credentials_version: values.credentials_version },
      ...{ asked_at: values.asked_at, due_at: values.due_at, told_at: values.told_at },
      ...{ ended_at: null, ended: null, cancelled_by: null },
    })
    .returning("id"),
);

export async function insertLeave(transaction: Db, row: NumberLeave): Promise<void> {
  await transaction.first(insert, row);
}

const told = statement("number_leaves.told", (db, values: { userId: number; now: number }) =>
  db
    .updateTable("number_leaves")
    .set({ told_at: values.now })
    .where("user_id", "=", values.userId)
    .where("ended_at", "is", null)
    .where("told_at", "is", null)
    .returning("id"),
);

/** Notes that the number was told of the account's open request. */
export async function writeTold(db: Db, userId: number, now: number): Promise<void> {
  await db.first(told, { userId, now });
}

const end = statement("number_leaves.end", (db, values: End) =>
  db
    .updateTable("number_leaves")
    .set({ ended_at: values.now, ended: values.ended, cancelled_by: values.by })
    .where("id", "=", values.id)
    .where("ended_at", "is", null)
    .returning("id"),
);

/** Ends it: of any number of callers exactly one gets true. */
export async function endLeave(transaction: Db, values: End): Promise<boolean> {
  return (await transaction.first(end, values)) !== null;
}

const since = statement("number_leaves.since", (db, values: { userId: number; since: number }) =>
  db
    .selectFrom("number_leaves")
    .select("asked_at")
    .where("user_id", "=", values.userId)
    .where("asked_at", ">", values.since)
    .orderBy("asked_at"),
);

/** When the account asked since then, the oldest first. */
export async function leavesAskedSince(db: Db, userId: number, from: number): Promise<number[]> {
  return (await db.all(since, { userId, since: from })).map(({ asked_at }) => asked_at);
}

const due = statement("number_leaves.due", (db, values: { now: number; limit: number }) =>
  db
    .selectFrom("number_leaves")
    .select("user_id")
    .where("ended_at", "is", null)
    .where("due_at", "<=", values.now)
    .orderBy("due_at")
    .limit(values.limit),
);

/** Accounts whose open request is due, the longest due first. */
export async function dueLeaves(db: Db, now: number, limit: number): Promise<number[]> {
  return (await db.all(due, { now, limit })).map(({ user_id }) => user_id);
}

/** Open requests that are looked at in one query: a few milliseconds on SQLite, where everybody waits. */
const pageSize = 200;

const openPage = statement("number_leaves.openPage", (db, values: { after: number }) =>
  db
    .selectFrom("number_leaves")
    .innerJoin("users", "users.id", "number_leaves.user_id")
    .select([
      ...(["number_leaves.user_id", "number_leaves.asked_at", "users.mobile_proved_at"] as const),
      ...(["number_leaves.credentials_version", "users.credentials_version as present_version"] as const),
    ])
    .where("number_leaves.ended_at", "is", null)
    .where("number_leaves.user_id", ">", values.after)
    .orderBy("number_leaves.user_id")
    .limit(pageSize),
);

/** Up to `limit` accounts whose open request is worthless by what was proved or changed since; gives up its turn between pages. */
export async function worthlessLeaves(db: Db, limit: number): Promise<number[]> {
  const found: number[] = [];
  for (let after = 0; ; ) {
    const rows = await db.all(openPage, { after });
    const worthless = rows.filter(
      (row) =>
        (row.mobile_proved_at !== null && row.mobile_proved_at >= row.asked_at) ||
        row.credentials_version !== row.present_version,
    );
    found.push(...worthless.map(({ user_id }) => user_id));
    if (rows.length < pageSize || found.length >= limit) return found.slice(0, limit);
    after = rows.at(-1)!.user_id;
    await nextTurn();
  }
}

const purge = statement("number_leaves.purge", (db, values: { before: number; limit: number }) =>
  db
    .deleteFrom("number_leaves")
    .where("id", "in", (old) =>
      old.selectFrom("number_leaves").select("id").where("asked_at", "<=", values.before).limit(values.limit),
    )
    .returning("id"),
);

/** Removes up to `limit` that were asked for before; returns how many. */
export async function purgeLeaves(db: Db, before: number, limit: number): Promise<number> {
  return (await db.all(purge, { before, limit })).length;
}
